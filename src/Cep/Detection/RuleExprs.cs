using Cep.Expressions;
using Cep.Plans;

namespace Cep.Detection;

/// <summary>The expressions of a rule, by what they are for.</summary>
internal static class RuleExprs
{
    /// <summary>The longest time over which a moving aggregate of a rule on single events looks back, ms.</summary>
    public static long LongestRangeMs(RulePlan rule, ConditionPlan condition) =>
        OfAlert(rule).Append(condition.When).Concat(condition.Resolve is { } resolve ? [resolve] : [])
            .SelectMany(ExprWalker.SelfAndParts).OfType<AggregateExpr>()
            .Where(a => a.Range.Kind == RangeKind.Time).Select(a => a.Range.Length).DefaultIfEmpty(0).Max();

    /// <summary>Those of its alerts: let, fields, labels, message, the overriding key.</summary>
    public static IEnumerable<Expr> OfAlert(RulePlan rule)
    {
        var texts = rule.Alert.Labels.Select(l => l.Value).Concat(rule.Alert.Message is { } message ? [message] : []);
        return rule.Let.Concat(rule.Alert.Fields).Concat(rule.Alert.Key).Select(e => e.Value)
            .Concat(texts.SelectMany(t => t.Parts).Where(p => p.Value is not null).Select(p => p.Value!));
    }
}
