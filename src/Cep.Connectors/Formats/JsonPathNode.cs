using System.Text.Json;

namespace Cep.Connectors.Formats;

/// <summary>A place in JSON that fields come from, and the places inside it.</summary>
internal sealed class JsonPathNode
{
    private readonly List<(string Name, JsonPathNode Node)> _members = [];
    private readonly List<(int Index, JsonPathNode Node)> _items = [];

    /// <summary>The fields that take the value that stands here.</summary>
    public List<int> Fields { get; } = [];

    /// <summary>The node of the member whose name the reader is at, or null.</summary>
    public JsonPathNode? Member(ref Utf8JsonReader reader)
    {
        foreach (var (name, node) in _members)
            if (reader.ValueTextEquals(name))
                return node;
        return null;
    }

    public JsonPathNode? Item(int index)
    {
        foreach (var (item, node) in _items)
            if (item == index)
                return node;
        return null;
    }

    public void Add(ReadOnlySpan<object> steps, int field)
    {
        if (steps.IsEmpty)
            Fields.Add(field);
        else
            Child(steps[0]).Add(steps[1..], field);
    }

    private JsonPathNode Child(object step)
    {
        var node = step is string name
            ? _members.Find(m => m.Name == name).Node
            : Item((int)step);
        if (node is not null)
            return node;
        node = new JsonPathNode();
        if (step is string added)
            _members.Add((added, node));
        else
            _items.Add(((int)step, node));
        return node;
    }
}
