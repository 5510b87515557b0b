using Cep.Expressions;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Rules.Binding;

/// <summary>A window is reported: its selected values, its bounds and the key have names.</summary>
internal sealed class ReportScope(IReadOnlyList<SelectedValue> selected, IReadOnlyList<KeyPart> key, Scope events,
    string place) : Scope
{
    public override string Place => place;

    public override IReadOnlyList<KeyPart>? Key => key;

    public override string AggregateHint => "name it in 'select'";

    public override Resolved? Name(string name)
    {
        for (var i = 0; i < selected.Count; i++)
            if (selected[i].Name == name)
                return new Resolved(selected[i].Value is { } value ? new SelectedExpr(i, value.Type) : null);
        return KeyPart.Find(key, name);
    }

    public override Resolved? Member(string name, string member) => WindowBounds.Member(name, member);

    public override Refusal? Refuse(NameSyntax name) => events.Name(name.Name) is null
        ? events.Refuse(name)
        : new Refusal(DiagnosticIds.UnknownName,
            $"'{name.Name}' is a value of single events; {place} can use what 'select' names.",
            $"add it to 'select' in an aggregate, such as last({name.Name})");

    public override IEnumerable<string> Names => selected.Select(s => s.Name).Concat(key.Select(k => k.Name));
}

/// <summary>A value that a window selects; null where it has errors.</summary>
internal sealed record SelectedValue(string Name, Expr? Value);

/// <summary><c>window.start</c> and <c>window.end</c>.</summary>
internal static class WindowBounds
{
    public static Resolved? Member(string name, string member) => (name, member) switch
    {
        ("window", "start") => new Resolved(new WindowBoundExpr(End: false)),
        ("window", "end") => new Resolved(new WindowBoundExpr(End: true)),
        _ => null,
    };
}
