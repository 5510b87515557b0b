using System.Collections.Immutable;
using Cep.Plans;

namespace Cep.Tests.Patterns;

/// <summary>An event of the one key that the oracle looks at.</summary>
internal sealed record OracleEvent(long TimeMs, string K, long V, int Position);

/// <summary>A step that took an event, both by index.</summary>
internal readonly record struct Taken(int Step, int Event);

/// <summary>
/// A condition: whether an event fits in a match; the step is counted in where it is the one being tried.
/// </summary>
internal delegate bool OracleCondition(OracleEvent tried, IReadOnlyList<OracleEvent> events,
    ImmutableList<Taken> taken);

/// <summary>What the oracle says was reported.</summary>
internal sealed record OracleMatch(long AtMs, ImmutableList<Taken> Taken);

/// <summary>
/// What patterns mean, straight from the language: after every event and every deadline all ways to assign the events
/// so far
/// are enumerated from each first event, in order of preference, and what is complete then is reported. Slow, on
/// purpose.
/// </summary>
internal sealed class PatternOracle
{
    private readonly PatternPlan _plan;
    private readonly IReadOnlyList<OracleEvent> _events;
    private readonly OracleWays _ways;
    private readonly List<OracleMatch> _reported = [];
    private readonly HashSet<int> _dropped = [];
    private readonly HashSet<string> _seen = [];
    private readonly HashSet<(int Count, long Ms)> _done = [];

    public PatternOracle(PatternPlan plan, IReadOnlyList<OracleEvent> events, OracleCondition[] fits,
        OracleCondition?[] ends)
    {
        (_plan, _events) = (plan, events);
        _ways = new OracleWays(plan, events, fits, ends);
    }

    public List<OracleMatch> Run()
    {
        for (var count = 1; count <= _events.Count; count++)
        {
            var time = _events[count - 1].TimeMs;
            Look(new Moment(count, time, IsLapsed: false, IsEnd: false));
            var next = count < _events.Count ? _events[count].TimeMs : long.MaxValue;
            while (NextDeadline(count, time) is var deadline && deadline < next)
                Look(new Moment(count, time = deadline, IsLapsed: true, IsEnd: false));
        }

        if (_events.Count > 0)
            Look(new Moment(_events.Count, _events[^1].TimeMs, IsLapsed: false, IsEnd: true));
        return _reported;
    }

    private long NextDeadline(int count, long afterMs)
    {
        var next = long.MaxValue;
        for (var start = 0; start < count; start++)
            foreach (var deadline in _ways.Deadlines(start, count))
                if (deadline >= afterMs && !_done.Contains((count, deadline)))
                    next = Math.Min(next, deadline);
        if (next != long.MaxValue)
            _done.Add((count, next));
        return next;
    }

    private void Look(Moment now)
    {
        var found = new List<(int Start, ImmutableList<Taken> Taken)>();
        for (var start = 0; start < now.Count; start++)
            if (!_dropped.Contains(start))
                found.AddRange(Known(start, now).Select(taken => (start, taken)));
        foreach (var (start, taken) in found)
        {
            if (_dropped.Contains(start))
                continue;
            _reported.Add(new OracleMatch(now.Ms, taken));
            if (_plan.Matches == PatternMatches.One)
                _dropped.Add(start);
            Drop(start, taken, now.Count);
        }
    }

    /// <summary>The matches of a first event that become known now, in order of preference.</summary>
    private IEnumerable<ImmutableList<Taken>> Known(int start, Moment now)
    {
        var ways = _ways.From(start, now);
        if (_plan.Matches == PatternMatches.All)
            return [.. ways.Where(w => w.IsComplete).Select(w => w.Taken!).Where(t => _seen.Add(string.Join(' ', t)))];
        if (_plan.Report == PatternReport.Longest && !now.IsEnd)
            return ways.Take(1).Where(w => w.IsComplete).Select(w => w.Taken!).ToList();
        return ways.Where(w => w.IsComplete).Take(1).Select(w => w.Taken!).ToList();
    }

    private void Drop(int start, ImmutableList<Taken> taken, int count)
    {
        var own = taken.Where(t => t.Step == _plan.AfterMatch.Step).Select(t => t.Event).ToList();
        switch (_plan.AfterMatch.Kind)
        {
            case AfterMatchKind.SkipToNext:
                _dropped.Add(start);
                break;
            case AfterMatchKind.SkipPastLast:
                DropBefore(taken[^1].Event + 1);
                break;
            case AfterMatchKind.SkipToFirst when own.Count > 0:
                DropBefore(own[0]);
                break;
            case AfterMatchKind.SkipToLast when own.Count > 0:
                DropBefore(own[^1]);
                break;
        }
    }

    private void DropBefore(int resume)
    {
        for (var start = 0; start < resume; start++)
            _dropped.Add(start);
    }
}

/// <summary>
/// A point of the run: so many events have come, and deadlines before a time (where lapsed, up to it) have passed.
/// </summary>
internal readonly record struct Moment(int Count, long Ms, bool IsLapsed, bool IsEnd)
{
    public bool IsPast(long deadlineMs) => deadlineMs < Ms || (IsLapsed && deadlineMs == Ms);
}
