using Cep.Detection;
using Cep.Detection.Patterns;
using Cep.Detection.Windows;
using Cep.Events;
using Cep.Expressions;
using Cep.Expressions.Aggregation;
using Cep.Plans;

namespace Cep.Host.Rules;

/// <summary>What a rule keeps for each key, in bytes, and what bounds it.</summary>
internal static class StateLines
{
    private static readonly int TimerBytes = System.Runtime.CompilerServices.Unsafe.SizeOf<Time.DueTimer>();

    public static void Add(LabelledLines text, RulePlan rule, EnginePlan plan)
    {
        var lines = new List<string>();
        var event0 = EventBytes(plan.Streams.First(s => s.Schema.Name == rule.Inputs[0]).Schema);
        lines.AddRange(Detector(rule.Detector, event0));
        lines.AddRange(Moving(rule));
        if (lines.Count > 0)
            lines.Add($"the key itself: {KeyEntryBytes} bytes and those of its values");
        if (lines.Count == 0)
            lines.Add("none: each event is judged by itself");
        for (var i = 0; i < lines.Count; i++)
            text.Add(i == 0 ? "state" : "", lines[i]);
    }

    /// <summary>What a key costs in the table of keys beside its own bytes.</summary>
    private const int KeyEntryBytes = 14;

    private static IEnumerable<string> Detector(DetectorPlan detector, int eventBytes) => detector switch
    {
        ConditionPlan { HasState: true, ForMs: > 0 } =>
        [
            $"condition: {ConditionDetector.KeyBytes + TimerBytes} bytes a key, and {eventBytes} for its last event "
                + "while the condition holds",
        ],
        ConditionPlan { HasState: true } or ConditionPlan { Rising: true } =>
            [$"condition: {ConditionDetector.KeyBytes} bytes a key"],
        SilencePlan =>
            [$"silence: {SilenceDetector.KeyBytes + TimerBytes} bytes a key, and {eventBytes} for its last event"],
        WindowPlan window => Window(window),
        PatternPlan pattern => Pattern(pattern, eventBytes),
        _ => [],
    };

    private static IEnumerable<string> Window(WindowPlan window)
    {
        var (bytes, bound) = window.Kind switch
        {
            HoppingWindow w => (EntryBytes, Open((w.SizeMs + window.AllowedLatenessMs + w.StepMs - 1) / w.StepMs)),
            SessionWindow { MaxMs: > 0 } w => (SessionDetector.WindowBytes,
                $"open for {PlanText.DurationOf(w.MaxMs)} at most"),
            SessionWindow => (SessionDetector.WindowBytes, "open for as long as events come: `max` would bound it"),
            CountWindow => (CountWindowDetector.WindowBytes, Open(1)),
            _ => (EntryBytes, Open(1)),
        };
        var aggregates = window.Select.SelectMany(s => Parts(s.Value)).OfType<AggregateExpr>().Distinct().ToList();
        var cost = aggregates.Aggregate(default(AggregateCost), (sum, e) => sum + AggregateCost.OfWindow(e));
        yield return $"window: {Text(cost with { Fixed = cost.Fixed + bytes })} for each window of a key; {bound}";
    }

    /// <summary>The place of a key in a window: slot, group, number of reports, and the way back.</summary>
    private const int EntryBytes = 4 * sizeof(int);

    private static string Open(long count) => count <= 1 ? "one is open at a time" : $"{count} are open at a time";

    private static IEnumerable<string> Pattern(PatternPlan pattern, int eventBytes)
    {
        var link = System.Runtime.CompilerServices.Unsafe.SizeOf<MatchStore.Link>();
        var bound = pattern.WithinMs > 0 ? $"kept for {PlanText.DurationOf(pattern.WithinMs)} at most"
            : PatternLimits.IsBounded(pattern) ? "kept until its links' times are over" : "kept for ever: no bound";
        return
        [
            $"pattern: {PatternDetector.KeyBytes + TimerBytes} bytes a key",
            $"open match: {PatternDetector.MatchBytes} bytes and {link} for each event taken; {bound}",
            $"event taken: {eventBytes} bytes once, for all matches that hold it; at most "
                + $"{PatternDetector.MaxOpenMatches} open matches a key",
        ];
    }

    private static IEnumerable<string> Moving(RulePlan rule)
    {
        foreach (var expr in Exprs(rule).SelectMany(Parts).Distinct())
            if (Moving(expr) is { } line)
                yield return line;
    }

    private static string? Moving(Expr expr)
    {
        switch (expr)
        {
            case AggregateExpr { Range.Kind: RangeKind.Time } e:
                return $"{ExprText.Of(e)}: {Text(AggregateCost.OfMoving(e))} a key";
            case AggregateExpr { Range.Kind: RangeKind.Rows } e:
                var cost = AggregateCost.OfMoving(e);
                var most = cost.Fixed + (cost.PerEvent + cost.PerValue) * e.Range.Length;
                return $"{ExprText.Of(e)}: {Text(cost)} a key; {most} at most";
            case PrevExpr e:
                return $"{ExprText.Of(e)}: {Text(AggregateCost.OfPrevious(e.Operand, e.Back))} a key";
            case ChangedExpr e:
                return $"{ExprText.Of(e)}: {Text(AggregateCost.OfPrevious(e.Operand, 1))} a key";
            default:
                return null;
        }
    }

    private static IEnumerable<Expr> Exprs(RulePlan rule)
    {
        var detector = rule.Detector switch
        {
            ConditionPlan c => [c.When, c.Resolve],
            PatternPlan p => p.Steps.SelectMany(s => new[] { s.Where, s.Condition, s.Until }),
            _ => Array.Empty<Expr?>(),
        };
        var said = rule.Alert.Message?.Parts.Select(p => p.Value) ?? [];
        return rule.Let.Select(l => l.Value).Concat(detector.OfType<Expr>()).Concat(said.OfType<Expr>())
            .Concat(rule.Alert.Fields.Select(f => f.Value));
    }

    private static IEnumerable<Expr> Parts(Expr expr) => ExprWalker.SelfAndParts(expr);

    private static string Text(AggregateCost cost)
    {
        var perEvent = cost.PerEvent > 0 ? $" + {cost.PerEvent} per event in range" : "";
        var perValue = cost.PerValue > 0 ? $" + {cost.PerValue} per different value" : "";
        return $"{cost.Fixed} bytes{perEvent}{perValue}";
    }

    private static int EventBytes(StreamSchema schema) =>
        2 * sizeof(long) + schema.Fields.Sum(f => f.Type switch
        {
            DataType.Bool => 1,
            DataType.String => sizeof(int),
            _ => sizeof(long),
        });
}
