using Cep.Rules.Syntax;

namespace Cep.Rules.Lowering;

/// <summary>Orders rules so that one that reads a derived stream comes after those that emit it.</summary>
internal static class EmitOrder
{
    /// <param name="rules">The rules.</param>
    /// <param name="emitters">For each derived stream the indexes of the rules that emit it.</param>
    /// <param name="cycles">Rules that feed each other in a circle; in the order they are met last.</param>
    /// <returns>The indexes of all rules.</returns>
    public static List<int> Of(
        IReadOnlyList<RuleSyntax> rules, IReadOnlyDictionary<string, List<int>> emitters,
        out List<IReadOnlyList<int>> cycles)
    {
        var waiting = new int[rules.Count];
        var readers = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var ready = new Queue<int>();
        for (var i = 0; i < rules.Count; i++)
        {
            waiting[i] = Emitters(rules[i], emitters).Count;
            if (waiting[i] == 0)
                ready.Enqueue(i);
            foreach (var stream in waiting[i] == 0 ? [] : rules[i].Streams)
                if (!readers.TryAdd(stream.Value, [i]))
                    readers[stream.Value].Add(i);
        }

        var order = new List<int>();
        while (ready.TryDequeue(out var rule))
        {
            order.Add(rule);
            foreach (var reader in rules[rule].Emit is { } emit && readers.TryGetValue(emit.Value, out var found)
                ? found
                : [])
                if (--waiting[reader] == 0)
                    ready.Enqueue(reader);
        }

        var left = Enumerable.Range(0, rules.Count).Except(order).ToList();
        cycles = Cycles(rules, emitters, left);
        order.AddRange(left);
        return order;
    }

    private static List<int> Emitters(RuleSyntax rule, IReadOnlyDictionary<string, List<int>> emitters) =>
        [.. rule.Streams.SelectMany(s => emitters.GetValueOrDefault(s.Value) ?? [])];

    /// <summary>
    /// Goes back from each rule left over, each of which waits for another one, until the way meets itself.
    /// </summary>
    private static List<IReadOnlyList<int>> Cycles(
        IReadOnlyList<RuleSyntax> rules, IReadOnlyDictionary<string, List<int>> emitters, List<int> left)
    {
        var cycles = new List<IReadOnlyList<int>>();
        var seen = new HashSet<int>();
        var blocked = left.ToHashSet();
        foreach (var start in left)
        {
            var way = new List<int>();
            var rule = start;
            while (seen.Add(rule))
            {
                way.Add(rule);
                rule = Emitters(rules[rule], emitters).First(blocked.Contains);
            }

            if (way.IndexOf(rule) is >= 0 and var first)
                cycles.Add([.. Enumerable.Reverse(way[first..])]);
        }

        return cycles;
    }
}
