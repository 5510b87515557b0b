using Cep.Expressions;
using Cep.Plans;

namespace Cep.Host.Rules;

/// <summary>What becomes of rules when others take their place, for people.</summary>
public static class RuleChangeText
{
    /// <summary>A line for each rule that does not just go on.</summary>
    public static IReadOnlyList<string> Lines(EnginePlan was, EnginePlan now) =>
        [.. PlanComparison.Compare(was, now).Where(c => c.Fate != RuleFate.Unchanged)
            .Select(c => $"rule {c.Rule} {Text(c)}")];

    /// <summary>What becomes of a rule, and why.</summary>
    public static string Text(RuleChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return change.Fate switch
        {
            RuleFate.Unchanged => "is unchanged",
            RuleFate.KeepsState => $"keeps its state ({string.Join("; ", Differences(change))})",
            RuleFate.StartsFresh =>
                $"starts fresh ({string.Join(", ", change.Parts)} changed), {Warmth(change.Now!)}",
            RuleFate.New => $"is new, {Warmth(change.Now!)}",
            _ => "is removed",
        };
    }

    /// <summary>How far the past warms a rule that starts fresh.</summary>
    public static string Warmth(RulePlan rule) => PlanReach.LooksBackMs(rule) switch
    {
        0 => "needs nothing of the past",
        { } ms => $"warmed by the last {PlanText.DurationOf(ms)} of the journal",
        null => "warmed as far as the journal reaches",
    };

    /// <summary>What was tuned: the constants that changed, or else the part by name.</summary>
    public static IReadOnlyList<string> Differences(RuleChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (change is not { Was: { } was, Now: { } now })
            return [];
        var before = RuleShape.Tuned(was).ToDictionary(p => p.Name, p => p.Value);
        var after = RuleShape.Tuned(now).ToDictionary(p => p.Name, p => p.Value);
        return [.. change.Parts.Select(
            part => $"{part}{Between(before.GetValueOrDefault(part), after.GetValueOrDefault(part))}")];
    }

    private static string Between(object? was, object? now) => (was, now) switch
    {
        (Expr a, Expr b) => Constants(a, b),
        (long a, long b) => $": {PlanText.DurationOf(a)} → {PlanText.DurationOf(b)}",
        (Enum a, Enum b) => $": {a} → {b}".ToLowerInvariant(),
        _ => "",
    };

    private static string Constants(Expr was, Expr now)
    {
        var (a, b) = (ExprShape.Tuned(was).ToList(), ExprShape.Tuned(now).ToList());
        if (a.Count != b.Count)
            return "";
        var pairs = a.Zip(b).Where(p => !p.First.Equals(p.Second))
            .Select(p => (Was: ExprText.Of(p.First), Now: ExprText.Of(p.Second))).Where(p => p.Was != p.Now);
        return ": " + string.Join(", ", pairs.Select(p => $"{p.Was} → {p.Now}"));
    }
}
