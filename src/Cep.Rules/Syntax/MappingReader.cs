using Cep.Events;
using Cep.Rules.Diagnostics;
using Cep.Rules.Schema;

namespace Cep.Rules.Syntax;

/// <summary>
/// Reads a mapping by the table of its keys. Unknown and missing keys are reported at once; a key that is not there, or
/// whose value is of the wrong shape (reported), reads as null.
/// </summary>
internal sealed class MappingReader
{
    private readonly YamlMapping _node;
    private readonly YamlMapping? _defaults;
    private readonly ObjectSpec _spec;

    /// <param name="node">What is read.</param>
    /// <param name="spec">The keys it may have.</param>
    /// <param name="diagnostics">Takes the problems.</param>
    /// <param name="defaults">Holds values of keys that <paramref name="node"/> does not have, or null.</param>
    public MappingReader(YamlMapping node, ObjectSpec spec, DiagnosticBag diagnostics, YamlMapping? defaults = null)
    {
        _node = node;
        _spec = spec;
        _defaults = defaults;
        Diagnostics = diagnostics;
        foreach (var entry in node.Entries)
            if (!spec.Allows(entry.Key.Value))
                diagnostics.Error(DiagnosticIds.UnknownKey, entry.Key,
                    $"'{entry.Key.Value}' is no key of {spec.NameWithArticle}.", spec.Suggest(entry.Key.Value));
        foreach (var key in spec.Keys)
            if (key.Required && node.Find(key.Name) is null)
                diagnostics.Error(DiagnosticIds.MissingKey, node, $"This {spec.Name} has no '{key.Name}'.",
                    Lower(key.Description));
    }

    public DiagnosticBag Diagnostics { get; }

    public YamlMapping Source => _node;

    public bool Has(string key) => Node(key) is not null;

    /// <summary>The key as written in the mapping itself (not in the defaults), or null.</summary>
    public YamlScalar? OwnKey(string key) => _node.Find(key)?.Key;

    public YamlNode? Node(string key) => (_node.Find(key) ?? _defaults?.Find(key))?.Value;

    public YamlNode? Default(string key) => _defaults?.Find(key)?.Value;

    public YamlScalar? Scalar(string key) => Node(key) switch
    {
        null => null,
        YamlScalar scalar => scalar,
        var other => Wrong<YamlScalar>(other, $"'{key}' takes a single value."),
    };

    public YamlMapping? Mapping(string key) => Node(key) switch
    {
        null => null,
        YamlMapping mapping => mapping,
        YamlScalar { IsNull: true } => null,
        var other => Wrong<YamlMapping>(other, $"'{key}' takes a mapping."),
    };

    public IReadOnlyList<YamlNode> Items(string key) => Node(key) switch
    {
        null => [],
        YamlSequence sequence => sequence.Items,
        YamlScalar { IsNull: true } => [],
        var other => Wrong<IReadOnlyList<YamlNode>>(other, $"'{key}' takes a list.") ?? [],
    };

    /// <summary>The items of a list that must be mappings.</summary>
    public IEnumerable<YamlMapping> Mappings(string key)
    {
        foreach (var item in Items(key))
        {
            if (item is YamlMapping mapping)
                yield return mapping;
            else
                Wrong<YamlMapping>(item, $"'{key}' takes a list of mappings.");
        }
    }

    /// <summary>A text, or a list of texts.</summary>
    public IReadOnlyList<YamlScalar> Scalars(string key)
    {
        var node = Node(key);
        if (node is YamlScalar { IsNull: false } single)
            return [single];
        var scalars = new List<YamlScalar>();
        foreach (var item in Items(key))
        {
            if (item is YamlScalar scalar)
                scalars.Add(scalar);
            else
                Wrong<YamlScalar>(item, $"'{key}' takes a list of single values.");
        }

        return scalars;
    }

    /// <summary>A name, which must be made of a-z, 0-9 and _ (or -).</summary>
    public YamlScalar? Name(string key, bool dashes = false)
    {
        var name = Scalar(key);
        return name is not null && Names.Check(name, dashes, Diagnostics) ? name : null;
    }

    public long? Duration(string key)
    {
        if (Scalar(key) is not { } scalar)
            return null;
        if (DurationText.TryParse(scalar.Value, out var milliseconds) && milliseconds >= 0)
            return milliseconds;
        Diagnostics.Error(DiagnosticIds.InvalidValue, scalar, $"'{scalar.Value}' is no duration.",
            $"the units are {DurationText.Units}, as in 1h30m");
        return null;
    }

    /// <summary>The index of the key's word among those that its shape lists, or null.</summary>
    public int? Word(string key)
    {
        if (Scalar(key) is not { } scalar)
            return null;
        var words = ((EnumShape)_spec[key].Value).Values;
        var index = Array.IndexOf(words, scalar.Value);
        if (index >= 0)
            return index;
        Diagnostics.Error(DiagnosticIds.InvalidValue, scalar,
            $"'{key}' is one of {string.Join(", ", words)}; not '{scalar.Value}'.",
            Suggestion.For(scalar.Value, words));
        return null;
    }

    public ExpressionSyntax? Expression(string key) =>
        Scalar(key) is { } scalar ? ExpressionSyntax.Read(scalar, Diagnostics) : null;

    public IReadOnlyList<NamedSyntax> Expressions(string key)
    {
        var named = new List<NamedSyntax>();
        foreach (var entry in Mapping(key)?.Entries ?? [])
        {
            if (entry.Value is not YamlScalar value)
                Wrong<YamlScalar>(entry.Value, $"'{entry.Key.Value}' takes an expression.");
            else if (Names.CheckIdentifier(entry.Key, Diagnostics))
                named.Add(new NamedSyntax(entry.Key.Value, entry.Key, ExpressionSyntax.Read(value, Diagnostics)));
        }

        return named;
    }

    private T? Wrong<T>(YamlNode node, string message)
        where T : class
    {
        Diagnostics.Error(DiagnosticIds.WrongShape, node, message);
        return null;
    }

    private static string Lower(string sentence) => $"{char.ToLowerInvariant(sentence[0])}{sentence[1..].TrimEnd('.')}";
}
