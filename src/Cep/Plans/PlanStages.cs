namespace Cep.Plans;

/// <summary>The order in which streams are fed: derived ones after what they are made of.</summary>
internal static class PlanStages
{
    /// <summary>The stage of each stream: 0 for those from outside.</summary>
    /// <exception cref="ArgumentException">Rules feed each other in a circle.</exception>
    public static IReadOnlyDictionary<string, int> Of(EnginePlan plan)
    {
        var stages = plan.Streams.ToDictionary(s => s.Schema.Name, _ => 0, StringComparer.Ordinal);
        for (var round = 0; ; round++)
        {
            var changed = false;
            foreach (var (from, to) in Edges(plan))
            {
                if (stages[to] > stages[from])
                    continue;
                stages[to] = stages[from] + 1;
                changed = true;
            }

            if (!changed)
                return stages;
            if (round > plan.Streams.Count)
                throw new ArgumentException("Rules feed each other in a circle.", nameof(plan));
        }
    }

    private static IEnumerable<(string From, string To)> Edges(EnginePlan plan)
    {
        foreach (var rule in plan.Rules)
            if (rule.Emit is { } emit)
                foreach (var input in rule.Inputs)
                    yield return (input, emit);
        foreach (var stream in plan.Streams)
            if (stream.LateTo is { } late)
                yield return (stream.Schema.Name, late);
    }
}
