namespace Cep.Plans;

/// <summary>
/// Says what becomes of the state of rules when others take their place. A pure function of the plans.
/// </summary>
public static class PlanComparison
{
    /// <summary>Every rule that runs before or after, in the order of the new plan, removed ones last.</summary>
    public static IReadOnlyList<RuleChange> Compare(EnginePlan was, EnginePlan now)
    {
        ArgumentNullException.ThrowIfNull(was);
        ArgumentNullException.ThrowIfNull(now);
        var before = Running(was).ToDictionary(r => r.Id, StringComparer.Ordinal);
        var changes = new List<RuleChange>();
        foreach (var rule in Running(now))
            changes.Add(before.Remove(rule.Id, out var old)
                ? Compare(old, rule, [.. rule.Inputs.Where(i => !SameStream(was, now, i))])
                : new RuleChange(rule.Id, RuleFate.New, null, rule, []));
        foreach (var rule in was.Rules)
            if (before.ContainsKey(rule.Id))
                changes.Add(new RuleChange(rule.Id, RuleFate.Removed, rule, null, []));
        return changes;
    }

    /// <summary>True where a stream's clock, waiting events and account fit both plans.</summary>
    internal static bool SameStream(EnginePlan was, EnginePlan now, string name) =>
        Find(was, name) is { } a && Find(now, name) is { } b && SameSchema(a, b)
        && a.OutOfOrderMs == b.OutOfOrderMs && a.Derived == b.Derived;

    /// <summary>True where events of one are events of the other.</summary>
    public static bool SameSchema(StreamPlan was, StreamPlan now)
    {
        ArgumentNullException.ThrowIfNull(was);
        ArgumentNullException.ThrowIfNull(now);
        return was.Schema.Name == now.Schema.Name && was.Schema.TimeField == now.Schema.TimeField
            && was.Schema.Fields.SequenceEqual(now.Schema.Fields);
    }

    private static RuleChange Compare(RulePlan was, RulePlan now, string[] streams)
    {
        if (streams.Length > 0)
            return new RuleChange(
                now.Id, RuleFate.StartsFresh, was, now, [.. streams.Select(s => $"stream {s}")]);
        string[] broken = [.. Differing(RuleShape.Fixed(was), RuleShape.Fixed(now))];
        if (broken.Length > 0)
            return new RuleChange(now.Id, RuleFate.StartsFresh, was, now, [.. broken]);
        string[] tuned = [.. Differing(RuleShape.Tuned(was), RuleShape.Tuned(now))];
        return new RuleChange(
            now.Id, tuned.Length > 0 ? RuleFate.KeepsState : RuleFate.Unchanged, was, now, [.. tuned]);
    }

    private static IEnumerable<string> Differing(
        IEnumerable<(string Name, object? Value)> was, IEnumerable<(string Name, object? Value)> now)
    {
        var before = was.ToList();
        var after = now.ToList();
        foreach (var (name, value) in after)
        {
            var at = before.FindIndex(p => p.Name == name);
            if (at < 0 || !Equals(before[at].Value, value))
                yield return name;
        }

        foreach (var (name, _) in before)
            if (!after.Exists(p => p.Name == name))
                yield return name;
    }

    private static IEnumerable<RulePlan> Running(EnginePlan plan) => plan.Rules.Where(r => r.Mode != RuleMode.Off);

    private static StreamPlan? Find(EnginePlan plan, string name) =>
        plan.Streams.FirstOrDefault(s => s.Schema.Name == name);
}
