using Cep.Expressions;

namespace Cep.Plans;

/// <summary>How far rules look back: how much of the past it takes to know what they would know.</summary>
public static class PlanReach
{
    private const long LongestMonthMs = 32L * 86_400_000;

    /// <summary>The longest time (ms) that a rule looks back; null: there is no limit to it.</summary>
    public static long? LooksBackMs(RulePlan rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var own = OfDetector(rule.Detector);
        if (own is null)
            return null;
        var longest = own.Value;
        foreach (var expr in RuleShape.Exprs(rule).SelectMany(ExprWalker.SelfAndParts).Where(ExprWalker.IsComputed))
        {
            if (expr is not AggregateExpr { Range.Kind: RangeKind.Time, Kind: not AggregateKind.Ewma } moving)
                return null;
            longest += moving.Range.Length;
        }

        return longest;
    }

    /// <summary>As for a rule, for all of a plan, some of which may feed others.</summary>
    public static long? LooksBackMs(EnginePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var sum = plan.Streams.Sum(s => s.OutOfOrderMs);
        foreach (var rule in plan.Rules)
        {
            if (LooksBackMs(rule) is not { } one)
                return null;
            sum += one;
        }

        return sum;
    }

    private static long? OfDetector(DetectorPlan detector) => detector switch
    {
        ConditionPlan { Resolve: null, Rising: false, ForMs: 0 } plan => plan.EveryMs,
        WindowPlan { Kind: HoppingWindow kind } plan => kind.SizeMs + plan.AllowedLatenessMs,
        WindowPlan { Kind: CalendarWindow } plan => LongestMonthMs + plan.AllowedLatenessMs,
        PatternPlan { WithinMs: > 0 and < long.MaxValue / 4 } plan => plan.WithinMs,
        _ => null,
    };
}
