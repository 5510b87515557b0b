using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Rules.Binding;

/// <summary>
/// A window's <c>select</c>: aggregates over the window's events, the key, and values selected before.
/// </summary>
internal sealed class SelectScope(Scope events, IReadOnlyList<KeyPart> key) : Scope
{
    private readonly Dictionary<string, Resolved> _selected = new(StringComparer.Ordinal);

    public override string Place => "'select'";

    public override AggregateUse Aggregates => AggregateUse.Group;

    public override Scope Argument => events;

    public override IReadOnlyList<KeyPart>? Key => key;

    public void Add(string name, Resolved value) => _selected[name] = value;

    public override Resolved? Name(string name) => _selected.GetValueOrDefault(name) ?? KeyPart.Find(key, name);

    public override Resolved? Member(string name, string member) => WindowBounds.Member(name, member);

    public override Refusal? Refuse(NameSyntax name) => events.Name(name.Name) is null
        ? events.Refuse(name)
        : new Refusal(DiagnosticIds.UnknownName, $"'{name.Name}' is a value of single events, but a window has many.",
            $"put it into an aggregate, such as last({name.Name})");

    public override IEnumerable<string> Names => _selected.Keys.Concat(key.Select(k => k.Name)).Concat(events.Names);
}
