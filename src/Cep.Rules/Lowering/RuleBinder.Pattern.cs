using Cep.Detection.Patterns;
using Cep.Events;
using Cep.Expressions;
using Cep.Plans;
using Cep.Rules.Binding;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Rules.Lowering;

internal sealed partial class RuleBinder
{
    private readonly List<StepName> _steps = [];
    private readonly List<StreamSchema> _inputs = [];

    /// <summary>Finds the steps and the streams they read, before anything that may name them.</summary>
    private void DeclareSteps(PatternSyntax pattern)
    {
        foreach (var (name, span) in pattern.Root is null ? [] : PatternShape.StepsOf(pattern.Root))
        {
            var definition = pattern.Define.FirstOrDefault(d => d.Name == name);
            var stream = definition?.On;
            var input = stream is null ? 0 : InputOf(stream);
            if (input >= 0)
                _steps.Add(new StepName(name, input, _inputs[input]));
        }

        foreach (var definition in pattern.Define)
            if (pattern.Root is not null && !_steps.Exists(s => s.Name == definition.Name)
                && (definition.On is null || _streams(definition.On.Value) is not null))
                _diagnostics.Error(DiagnosticIds.UnknownStep, definition.NameSource,
                    $"The pattern has no step '{definition.Name}'.",
                    Suggestion.For(definition.Name, _steps.Select(s => s.Name)));
    }

    private int InputOf(YamlScalar stream)
    {
        var known = _inputs.FindIndex(i => i.Name == stream.Value);
        if (known >= 0)
            return known;
        if (_streams(stream.Value) is not { } schema)
            return -1;
        _inputs.Add(schema);
        return _inputs.Count - 1;
    }

    /// <summary>The key as it is read from each stream.</summary>
    private ValueList<ValueList<NamedExpr>> KeyOfInputs()
    {
        var keys =
            new List<ValueList<NamedExpr>> { (ValueList<NamedExpr>)[.. _key.Select(k =>
            new NamedExpr(k.Name, k.Value))] };
        for (var input = 1; input < _inputs.Count; input++)
        {
            List<KeyPart> parts =
                [.. KeyParts(_rule.By,
                new EventScope(_inputs[input], input, $"'{_inputs[input].Name}', of which 'by' is needed too"))];
            for (var i = 0; i < parts.Count && parts.Count == _key.Count; i++)
                if (parts[i].Value.Type != _key[i].Value.Type)
                    _diagnostics.Error(DiagnosticIds.TypeMismatch, _rule.By[i].Value.Source,
                        $"'{parts[i].Name}' is {TypeNames.Of(_key[i].Value.Type)} in '{_schema.Name}', "
                        + $"but {TypeNames.Of(parts[i].Value.Type)} in '{_inputs[input].Name}'.");
            keys.Add([.. parts.Select(p => new NamedExpr(p.Name, p.Value))]);
        }

        return [.. keys];
    }

    private (DetectorPlan? Plan, Scope Report) Pattern(PatternSyntax pattern)
    {
        Scope report = Steps(Events("'alert'", KeyUse.Preferred, ordered: _inputs.Count == 1));
        if (pattern.Root is null)
            return (null, report);
        var errors = _diagnostics.ErrorCount;
        List<PatternStep?> steps = [.. PatternShape.StepsOf(pattern.Root).Select(s => Step(pattern, s.Name))];
        var shape = new PatternShape(pattern, [.. _steps.Select(s => s.Name)], _diagnostics);
        CheckUntil(pattern);
        var timeout = pattern.OnTimeout is { } alert ? Alert(alert, report) : null;
        var after = AfterMatch(pattern);
        if (pattern.Report == PatternReport.Longest && pattern.Matches == PatternMatches.All)
            _diagnostics.Error(DiagnosticIds.InvalidPattern, pattern.ReportSource!,
                "'report: longest' picks one match for each first event; 'matches: all' reports every one.");
        if (_diagnostics.ErrorCount > errors || steps.Contains(null))
            return (null, report);
        var kind = pattern.Matches == PatternMatches.Latest ? PatternReport.Earliest : pattern.Report;
        var plan = new PatternPlan([.. steps!], shape.Root, pattern.WithinMs, pattern.Matches, kind, after, timeout);
        if (PatternLimits.Problem(plan) is { } problem)
        {
            _diagnostics.Error(DiagnosticIds.LimitExceeded, pattern.Source, problem);
            return (null, report);
        }

        WarnOfPattern(pattern, plan);
        return (plan, report);
    }

    private PatternScope Steps(EventScope events) => new(events, _steps);

    private PatternStep? Step(PatternSyntax pattern, string name)
    {
        if (_steps.Find(s => s.Name == name) is not { } step)
            return null;
        var definition = pattern.Define.FirstOrDefault(d => d.Name == name);
        var events = EventsOf(step.Input, $"the step '{name}'");
        var where = definition?.Where is { } filter
            ? Condition(filter, EventsOf(step.Input, $"'where' of '{name}'", ordered: false)) : null;
        var condition = definition?.Condition is { } syntax ? Condition(syntax, Steps(events)) : ConstExpr.True;
        var until = pattern.Until.FirstOrDefault(u => u.Name == name) is { } end
            ? Condition(end.Value, Steps(EventsOf(step.Input, $"'until' of '{name}'")))
            : null;
        return condition is null ? null : new PatternStep(name, step.Input, where, condition, until);
    }

    private EventScope EventsOf(int input, string place, bool ordered = true) => input == 0
        ? Events(place, ordered: ordered && _inputs.Count == 1)
        : new EventScope(_inputs[input], input, place) { Tables = _tables, KeyParts = _key };

    private void CheckUntil(PatternSyntax pattern)
    {
        foreach (var until in pattern.Until)
        {
            if (!_steps.Exists(s => s.Name == until.Name))
                _diagnostics.Error(DiagnosticIds.UnknownStep, until.NameSource,
                    $"The pattern has no step '{until.Name}'.",
                    Suggestion.For(until.Name, _steps.Select(s => s.Name)));
            else if (!PatternShape.IsRepeated(pattern.Root!, until.Name))
                _diagnostics.Error(DiagnosticIds.InvalidPattern, until.NameSource,
                    $"'until' ends a loop, but '{until.Name}' has no quantifier of its own.",
                    $"write {until.Name}+, or another quantifier");
        }
    }

    private AfterMatch AfterMatch(PatternSyntax pattern)
    {
        if (pattern.AfterMatchStep is not { } name)
            return new AfterMatch(pattern.AfterMatch);
        var step = _steps.FindIndex(s => s.Name == name);
        if (step < 0)
            _diagnostics.Error(DiagnosticIds.UnknownStep, pattern.AfterMatchSource!,
                $"The pattern has no step '{name}'.",
                Suggestion.For(name, _steps.Select(s => s.Name)));
        return new AfterMatch(pattern.AfterMatch, step);
    }

    private void WarnOfPattern(PatternSyntax pattern, PatternPlan plan)
    {
        if (plan.WithinMs == 0 && plan.Matches != PatternMatches.Latest && !PatternLimits.IsBounded(plan))
            _diagnostics.Warning(DiagnosticIds.UnboundedPattern, pattern.Source.Source, pattern.Source.Span,
                "Without 'within' a partial match is kept until it is complete, be it for ever.",
                    "add within: 10m, or give the links times, as in a ->[30s] b");
    }
}
