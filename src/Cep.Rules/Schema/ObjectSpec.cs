using Cep.Rules.Diagnostics;

namespace Cep.Rules.Schema;

/// <summary>A key of a mapping: what the reader accepts and an editor completes.</summary>
/// <param name="Name">The key.</param>
/// <param name="Value">What it holds.</param>
/// <param name="Description">One sentence for the author.</param>
/// <param name="Required">It must be there.</param>
public sealed record KeySpec(string Name, Shape Value, string Description, bool Required = false);

/// <summary>The keys of one kind of mapping: the one place that both the reader and the JSON Schema go by.</summary>
/// <param name="name">A name for the kind, used in the schema and in messages.</param>
/// <param name="description">What such a mapping says.</param>
/// <param name="keys">Its keys.</param>
/// <param name="others">The shape of all other keys, or null: there may be none.</param>
public sealed class ObjectSpec(string name, string description, KeySpec[] keys, Shape? others = null)
{
    private readonly Dictionary<string, KeySpec> _byName = keys.ToDictionary(k => k.Name, StringComparer.Ordinal);

    public string Name { get; } = name;

    public string Description { get; } = description;

    public IReadOnlyList<KeySpec> Keys { get; } = keys;

    public Shape? Others { get; } = others;

    public bool Allows(string key) => Others is not null || _byName.ContainsKey(key);

    public KeySpec this[string key] => _byName[key];

    internal string NameWithArticle =>
        Name[^1] == 's' ? Name : $"{(Name[0] is 'a' or 'e' or 'i' or 'o' ? "an" : "a")} {Name}";

    internal string? Suggest(string key) => Suggestion.For(key, _byName.Keys);
}
