using Cep.Events;
using Cep.Expressions;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Rules.Binding;

/// <summary>
/// An event of one stream is looked at: its fields, the rule's let and the parts of the key have names.
/// </summary>
/// <param name="schema">The stream's fields.</param>
/// <param name="input">The index of the stream among the rule's inputs.</param>
/// <param name="place">For messages.</param>
internal sealed class EventScope(StreamSchema schema, int input, string place) : Scope
{
    public override string Place => place;

    /// <summary>
    /// The key's events come in order here, so that moving aggregates, prev and changed have a meaning.
    /// </summary>
    public bool IsOrdered { get; init; }

    /// <summary>Aggregates stand in 'select': the rule is one of windows.</summary>
    public bool InWindow { get; init; }

    /// <summary>
    /// A field that is a part of the key is taken from there: what is said may be said when no event is at hand.
    /// </summary>
    public bool PrefersKey { get; init; }

    /// <summary>The names of tables.</summary>
    public IReadOnlySet<string> Tables { get; init; } = new HashSet<string>();

    public LetTable? Lets { get; init; }

    public IReadOnlyList<KeyPart>? KeyParts { get; init; }

    public override AggregateUse Aggregates => IsOrdered ? AggregateUse.Moving : AggregateUse.None;

    public override string AggregateHint => InWindow ? "use it in 'select'" : base.AggregateHint;

    public override bool HasHistory => IsOrdered;

    public override IReadOnlyList<KeyPart>? Key => KeyParts;

    public override Resolved? Name(string name)
    {
        var field = schema.IndexOf(name);
        // a let may have the name of the field that it is made of
        if (Lets is not null && !(field >= 0 && Lets.IsUnderWay(name)) && Lets.Use(name) is { } let)
            return let;
        if (PrefersKey && KeyParts is not null && KeyPart.Find(KeyParts, name) is { } part)
            return part;
        if (field >= 0)
            return new Resolved(new FieldExpr(input, field, name, schema.Fields[field].Type));
        return KeyParts is null ? null : KeyPart.Find(KeyParts, name);
    }

    /// <summary>The type of the items of a field that is a list.</summary>
    public DataType ElementOf(string field) =>
        schema.IndexOf(field) is >= 0 and var index ? schema.Fields[index].Element : DataType.Any;

    public override IEnumerable<string> Names =>
        schema.Fields.Select(f => f.Name).Concat(Lets?.Names ?? []).Concat(KeyParts?.Select(k => k.Name) ?? []);

    public override Refusal? Refuse(NameSyntax name)
    {
        if (Tables.Contains(name.Name))
            return new Refusal(DiagnosticIds.NotSupported, "Tables are not supported by this version.");
        return name.Name == "window" ? new Refusal(DiagnosticIds.UnknownName, $"There is no window in {place}.") : null;
    }
}
