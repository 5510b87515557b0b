using Cep.Expressions;
using Cep.Plans;

namespace Cep.Detection;

/// <summary>The expressions of a rule, by what they are for.</summary>
internal static class RuleExprs
{
    /// <summary>Those of its alerts: let, fields, labels, message, the overriding key.</summary>
    public static IEnumerable<Expr> OfAlert(RulePlan rule)
    {
        var texts = rule.Alert.Labels.Select(l => l.Value).Concat(rule.Alert.Message is { } message ? [message] : []);
        return rule.Let.Concat(rule.Alert.Fields).Concat(rule.Alert.Key).Select(e => e.Value)
            .Concat(texts.SelectMany(t => t.Parts).Where(p => p.Value is not null).Select(p => p.Value!));
    }
}
