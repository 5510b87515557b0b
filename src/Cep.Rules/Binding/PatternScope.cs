using Cep.Events;
using Cep.Expressions;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Rules.Binding;

/// <summary>A step of a pattern: its name, and the stream it reads.</summary>
internal sealed record StepName(string Name, int Input, StreamSchema Schema);

/// <summary>
/// An event is tried for a step of a pattern (or a match is told of): the steps' events have names too.
/// </summary>
/// <param name="events">What the event itself brings.</param>
/// <param name="steps">The steps, by index.</param>
internal sealed class PatternScope(EventScope events, IReadOnlyList<StepName> steps) : Scope
{
    public override string Place => events.Place;

    public override AggregateUse Aggregates => events.Aggregates;

    public override string AggregateHint =>
        $"name the step it goes over, as in sum({(steps.Count > 0 ? steps[0].Name : "step")}.amount)";

    public override bool HasHistory => events.HasHistory;

    public override IReadOnlyList<KeyPart>? Key => events.Key;

    public override Resolved? Name(string name) => events.Name(name);

    public override Resolved? Member(string name, string member)
    {
        if (StepOf(name) is not (>= 0 and var step))
            return null;
        return Field(steps[step], member) is { } field ? new Resolved(new StepValueExpr(step, StepEvent.Last, field))
            : null;
    }

    public override Refusal? Refuse(NameSyntax name) => StepOf(name.Name) >= 0
        ? new Refusal(DiagnosticIds.UnknownName, $"'{name.Name}' is a step, which is no value.",
            $"name one of its fields, as in {name.Name}.{FirstField(name.Name)}, or count({name.Name})")
        : events.Refuse(name);

    public override IEnumerable<string> Names => events.Names.Concat(steps.Select(s => s.Name));

    public override bool KnowsSteps => true;

    public override bool HasMembers(string name) => StepOf(name) >= 0;

    public override string? SuggestMember(string name, string member) =>
        Suggestion.For(member, steps[StepOf(name)].Schema.Fields.Select(f => f.Name));

    /// <summary>The index of the step of this name, or -1.</summary>
    public int StepOf(string name)
    {
        for (var i = 0; i < steps.Count; i++)
            if (steps[i].Name == name)
                return i;
        return -1;
    }

    /// <summary>The fields of a step's events, for what goes over them.</summary>
    public Scope OperandOf(int step, string place) => new OperandScope(steps[step], place);

    private string FirstField(string step) =>
        steps[StepOf(step)].Schema.Fields.Select(f => f.Name).LastOrDefault("field");

    private static FieldExpr? Field(StepName step, string name)
    {
        var index = step.Schema.IndexOf(name);
        return index < 0 ? null : new FieldExpr(step.Input, index, name, step.Schema.Fields[index].Type);
    }

    /// <summary>One step's events: only they have a meaning in <c>first(…)</c> and in aggregates over a step.</summary>
    private sealed class OperandScope(StepName step, string place) : Scope
    {
        public override string Place => place;

        public override Resolved? Name(string name) => null;

        public override Resolved? Member(string name, string member) =>
            name == step.Name && Field(step, member) is { } field ? new Resolved(field) : null;

        public override Refusal? Refuse(NameSyntax name) => new(DiagnosticIds.UnknownName,
            $"'{name.Name}' is not a value of the step '{step.Name}', over whose events this goes.",
                $"write {step.Name}.{name.Name}");

        public override IEnumerable<string> Names => [];

        public override bool HasMembers(string name) => name == step.Name;

        public override string? SuggestMember(string name, string member) =>
            Suggestion.For(member, step.Schema.Fields.Select(f => f.Name));
    }
}
