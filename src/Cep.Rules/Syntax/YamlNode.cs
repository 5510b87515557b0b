using Cep.Rules.Diagnostics;

namespace Cep.Rules.Syntax;

/// <summary>A node of a YAML document, with its place. Aliases are the node they stand for.</summary>
internal abstract class YamlNode(YamlSource source, Span span)
{
    public YamlSource Source { get; } = source;

    public Span Span { get; } = span;

    /// <summary>How many nodes it has, itself and repeated ones included.</summary>
    public int Size { get; protected init; } = 1;
}

/// <summary>A list.</summary>
internal sealed class YamlSequence : YamlNode
{
    public YamlSequence(YamlSource source, Span span, List<YamlNode> items)
        : base(source, span)
    {
        Items = items;
        foreach (var item in items)
            Size += item.Size;
    }

    public IReadOnlyList<YamlNode> Items { get; }
}

/// <summary>A mapping, in the order written; each key once.</summary>
internal sealed class YamlMapping : YamlNode
{
    public YamlMapping(YamlSource source, Span span, List<YamlEntry> entries)
        : base(source, span)
    {
        Entries = entries;
        foreach (var entry in entries)
            Size += 1 + entry.Value.Size;
    }

    public IReadOnlyList<YamlEntry> Entries { get; }

    public YamlEntry? Find(string key)
    {
        foreach (var entry in Entries)
            if (entry.Key.Value == key)
                return entry;
        return null;
    }
}

internal sealed record YamlEntry(YamlScalar Key, YamlNode Value);
