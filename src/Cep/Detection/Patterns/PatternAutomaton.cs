using Cep.Plans;

namespace Cep.Detection.Patterns;

/// <summary>
/// A pattern as states. The state after an event knows every way in which the match can go on, so that nothing is
/// worked
/// out while events flow. State 0 is that before the first event.
/// </summary>
internal sealed class PatternAutomaton
{
    /// <summary>The largest number of events that a pattern can name, repetitions counted.</summary>
    public const int MaxStates = 20_000;

    /// <summary>The largest number of ways in which a match can go on after an event.</summary>
    public const int MaxOptions = 64;

    private readonly List<PatternState> _states = [];
    private readonly Dictionary<PatternGraph.Node, int> _indexes = [];
    private readonly Queue<PatternGraph.Node> _open = new();

    /// <exception cref="ArgumentException">The pattern is larger than the limits.</exception>
    public PatternAutomaton(PatternPlan plan)
    {
        var graph = new PatternGraph(plan);
        IndexOf(graph.Start);
        while (_open.TryDequeue(out var node))
            _states.Add(StateAt(node));
        States = [.. _states];
        var first = States[0].Options.SelectMany(o => o.Negations).Where(n => n.IsFirst).Distinct().ToList();
        for (var i = 0; i < first.Count; i++)
            first[i].Index = i;
        FirstNegations = [.. first];
        var options = States.SelectMany(s => s.Options).ToList();
        HasStrictness = options.Exists(o => (!o.IsAccept && o.Link.Kind == LinkKind.Directly)
            || Array.Exists(o.Negations, n => n.IsStrict))
            || first.Exists(n => n.After.Kind == LinkKind.Directly);
        HasTimedLinks = States.Skip(1).SelectMany(s => s.Options).Any(o => (!o.IsAccept && o.Link.IsTimed)
            || Array.Exists(o.Negations, n => n.Before.IsTimed));
        HasAbsence = options.Exists(o => o.IsAccept && o.Negations.Length > 0);
    }

    public PatternState[] States { get; }

    /// <summary>The negations that begin the pattern.</summary>
    public Negation[] FirstNegations { get; }

    /// <summary>
    /// True where it matters that an event comes directly after another: every event of the key must be seen.
    /// </summary>
    public bool HasStrictness { get; }

    /// <summary>True where the time since the last event matters.</summary>
    public bool HasTimedLinks { get; }

    /// <summary>True where a match can be completed by the lapse of time.</summary>
    public bool HasAbsence { get; }

    /// <summary>Finds the options that are alike, where conditions do not look at what was taken before.</summary>
    /// <param name="isAlone">For each step whether its conditions look at the event alone.</param>
    public void FindAlike(bool[] isAlone)
    {
        var free = new bool[States.Length];
        Array.Fill(free, true);
        for (var changed = true; changed;)
        {
            changed = false;
            for (var state = 0; state < States.Length; state++)
            {
                if (!free[state] || Array.TrueForAll(States[state].Options, o => o.IsAccept ? o.Negations.Length == 0
                    : IsFree(o, isAlone, free)))
                    continue;
                free[state] = false;
                changed = true;
            }
        }

        var numbers = new Dictionary<(int Step, LinkKind Kind, int Target), int>();
        foreach (var state in States.Skip(1).Where(s => !s.HasBars))
        {
            foreach (var option in state.Options)
            {
                if (option.IsAccept || option.Link.Kind == LinkKind.Directly || option.Race >= 0
                    || !IsFree(option, isAlone, free))
                    continue;
                var key = (option.Step, option.Link.Kind, option.Target);
                if (!numbers.TryGetValue(key, out var number) && numbers.Count < MaxOptions)
                    numbers.Add(key, number = numbers.Count);
                option.Alike = numbers.ContainsKey(key) ? number : -1;
            }
        }
    }

    /// <summary>Finds the options that move a match as a whole, once those that are alike are known.</summary>
    public void FindMoves()
    {
        foreach (var options in States.Select(s => s.Options))
        {
            // what is preferred to an option stays in front of what comes of it
            var first = options[0];
            if (first.IsAccept || first.Link.Kind != LinkKind.Next || first.Race >= 0)
                continue;
            var target = States[first.Target];
            first.MovesAll = target.IsPlain && options.Skip(1).All(
                o => o.Alike >= 0 && o.Link.Kind == LinkKind.Next && target.Options.Any(t => t.Alike == o.Alike));
        }
    }

    private static bool IsFree(PatternOption option, bool[] isAlone, bool[] free) =>
        isAlone[option.Step] && free[option.Target] && !option.Link.IsTimed && option.Negations.Length == 0
            && !option.InRun;

    private int IndexOf(PatternGraph.Node node)
    {
        if (_indexes.TryGetValue(node, out var index))
            return index;
        if (_indexes.Count == MaxStates)
            throw new ArgumentException($"A pattern has at most {MaxStates} events, repetitions counted.");
        _indexes.Add(node, index = _indexes.Count);
        _open.Enqueue(node);
        return index;
    }

    private PatternState StateAt(PatternGraph.Node node)
    {
        var ways = new PatternClosure(node, isStart: _states.Count == 0).Ways;
        if (ways.Count > MaxOptions)
            throw new ArgumentException($"After an event a pattern can go on in at most {MaxOptions} ways.");
        var options = new PatternOption[ways.Count];
        for (var i = 0; i < options.Length; i++)
        {
            var way = ways[i];
            options[i] = way.Take is { } take
                ? new PatternOption(take.Step, take.Link, take.Race, way.Negations,
                    take.InRun)
                { Target = IndexOf(take.Next) }
                : new PatternOption(-1, default, -1, [.. way.Negations.Where(n => n.IsLast)], false);
            for (var other = 0; other < i; other++)
                if (way.Left.Overlaps(ways[other].Entered))
                    options[i].BarredBy |= 1UL << other;
        }

        return new PatternState(options);
    }
}
