using Cep.Expressions;

namespace Cep.Plans;

/// <summary>
/// The parts of a rule by name: those that its state depends on, with what can be tuned taken out, and those that can
/// change while it runs. Compared by value.
/// </summary>
internal static class RuleShape
{
    /// <summary>Parts that take a fresh start where they differ.</summary>
    public static IEnumerable<(string Name, object? Value)> Fixed(RulePlan rule)
    {
        yield return ("inputs", rule.Inputs);
        yield return ("by", rule.By);
        yield return ("where", Shape(rule.Where));
        yield return ("emit", rule.Emit);
        yield return ("remembered values", Remembered(rule));
        yield return ("kind", rule.Detector.GetType());
        foreach (var part in Detector(rule))
            yield return part;
    }

    /// <summary>Parts that can be tuned; the shape says whether they may differ as they do.</summary>
    public static IEnumerable<(string Name, object? Value)> Tuned(RulePlan rule)
    {
        yield return ("where", rule.Where);
        yield return ("except", rule.Except);
        switch (rule.Detector)
        {
            case ConditionPlan plan:
                yield return ("when", plan.When);
                yield return ("for", plan.ForMs);
                yield return ("resolve", plan.Resolve);
                break;
            case SilencePlan plan:
                yield return ("silent", plan.SilentMs);
                break;
            case WindowPlan plan:
                foreach (var select in plan.Select)
                    yield return ($"select {select.Name}", select.Value);
                yield return ("when", plan.When);
                break;
            case PatternPlan plan:
                foreach (var step in plan.Steps)
                    foreach (var part in Step(step))
                        yield return part;
                yield return ("on_timeout", plan.OnTimeout);
                break;
        }

        yield return ("let", rule.Let);
        yield return ("dedupe", rule.Alert.DedupeMs);
        yield return ("message", rule.Alert.Message);
        yield return ("labels", rule.Alert.Labels);
        yield return ("fields", rule.Alert.Fields);
        yield return ("alert key", rule.Alert.Key);
        yield return ("severity", rule.Severity);
        yield return ("mode", rule.Mode);
        yield return ("tags", rule.Tags);
        yield return ("description", rule.Description);
    }

    private static IEnumerable<(string Name, object? Value)> Step(PatternStep step)
    {
        yield return ($"step {step.Name}: where", step.Where);
        yield return ($"step {step.Name}", step.Condition);
        yield return ($"step {step.Name}: until", step.Until);
    }

    private static IEnumerable<(string Name, object? Value)> Detector(RulePlan rule)
    {
        switch (rule.Detector)
        {
            case ConditionPlan plan:
                yield return ("when", Shape(plan.When));
                yield return ("for", plan.ForMs > 0);
                yield return ("resolve", Shape(plan.Resolve));
                yield return ("turns true", plan.Rising);
                yield return ("every", plan.EveryMs);
                break;
            case WindowPlan plan:
                yield return ("window", plan.Kind);
                yield return ("select", new ValueList<Expr>([.. plan.Select.Select(s => Shape(s.Value)!)]));
                yield return ("aggregates", Aggregates(rule, plan));
                yield return ("when", Shape(plan.When));
                yield return ("report", (plan.Report, plan.EveryMs));
                yield return ("lateness", plan.AllowedLatenessMs);
                break;
            case PatternPlan plan:
                yield return ("pattern", plan.Root);
                yield return ("steps", new ValueList<PatternStep>([.. plan.Steps.Select(Shape)]));
                yield return ("within", plan.WithinMs);
                yield return ("matches", (plan.Matches, plan.Report, plan.AfterMatch));
                yield return ("on_timeout", plan.OnTimeout is not null);
                break;
        }
    }

    private static Expr? Shape(Expr? expr) => expr is null ? null : ExprShape.Of(expr);

    private static PatternStep Shape(PatternStep step) => step with
    {
        Where = Shape(step.Where),
        Condition = ExprShape.Of(step.Condition),
        Until = Shape(step.Until),
    };

    /// <summary>A window keeps its aggregates in the order in which they are first named, also in texts.</summary>
    private static ValueList<AggregateExpr> Aggregates(RulePlan rule, WindowPlan plan) =>
        new([.. plan.Select.Select(s => s.Value).Concat(plan.When is { } when ? [when] : [])
            .Concat(OfTexts(rule)).SelectMany(ExprWalker.SelfAndParts).OfType<AggregateExpr>().Distinct()]);

    /// <summary>What is remembered beside the events.</summary>
    private static ValueList<Expr> Remembered(RulePlan rule) =>
        new([.. Exprs(rule).SelectMany(ExprWalker.SelfAndParts).Where(ExprWalker.IsComputed).Distinct()]);

    /// <summary>What a rule works out of its events.</summary>
    public static IEnumerable<Expr> Exprs(RulePlan rule) => OfDetector(rule.Detector).Concat(OfTexts(rule));

    private static IEnumerable<Expr> OfDetector(DetectorPlan detector) => detector switch
    {
        ConditionPlan plan => plan.Resolve is { } resolve ? [plan.When, resolve] : [plan.When],
        WindowPlan plan => plan.Select.Select(s => s.Value).Concat(plan.When is { } when ? [when] : []),
        PatternPlan plan => plan.Steps.SelectMany(s => new[] { s.Where, s.Condition, s.Until }).OfType<Expr>(),
        _ => [],
    };

    private static IEnumerable<Expr> OfTexts(RulePlan rule)
    {
        var (let, alert) = (rule.Let, rule.Alert);
        var texts = (alert.Message is { } message ? [message] : Array.Empty<TemplatePlan>())
            .Concat(alert.Labels.Select(l => l.Value));
        return alert.Key.Concat(let).Concat(alert.Fields).Select(e => e.Value)
            .Concat(texts.SelectMany(t => t.Parts).Select(p => p.Value).OfType<Expr>());
    }
}
