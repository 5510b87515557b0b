using System.Collections.Immutable;
using Cep.Plans;

namespace Cep.Tests.Patterns;

/// <summary>A way to assign events: complete, or (no events) one that events to come could still complete.</summary>
internal sealed record OracleWay(ImmutableList<Taken>? Taken)
{
    public bool IsComplete => Taken is not null;
}

/// <summary>Enumerates the ways from a first event, in order of preference, by trying everything.</summary>
internal sealed class OracleWays(
    PatternPlan plan, IReadOnlyList<OracleEvent> events, OracleCondition[] fits, OracleCondition?[] ends)
{
    private const int MaxTries = 20_000;

    private readonly long _withinMs = plan.WithinMs == 0 ? long.MaxValue : plan.WithinMs;
    private readonly HashSet<long> _deadlines = [];
    private Moment _now;
    private int _tries;
    private int _start;

    /// <summary>
    /// Where an element stands: the link in front (none at the start), the one behind, the event it must begin with.
    /// </summary>
    private sealed record Place(PatternLink? Link, PatternLink? After, int Fixed, bool IsStart, bool IsLast)
    {
        public PatternLink Repeated => Link ?? After ?? PatternLink.Next;
    }

    private sealed record Forbidden(AbsentNode Node, PatternLink Before, PatternLink After, bool IsFirst, bool IsLast);

    private sealed record State(ImmutableList<Taken> Taken, ImmutableList<Forbidden> Forbidden,
        ImmutableList<Func<int, bool>> Bars)
    {
        public int Last => Taken.IsEmpty ? -1 : Taken[^1].Event;
    }

    public IEnumerable<OracleWay> From(int start, Moment now)
    {
        (_now, _start) = (now, start);
        var all = Ways(plan.Root, new Place(null, null, -1, IsStart: true, IsLast: true), new State([], [], []),
            Accept);
        return all.ToList();
    }

    /// <summary>All times at which something about the ways from a first event can end.</summary>
    public IEnumerable<long> Deadlines(int start, int count)
    {
        _deadlines.Clear();
        From(start, new Moment(count, long.MinValue, false, false));
        return [.. _deadlines];
    }

    private long TimeOf(int e) => events[e].TimeMs;

    private static long Plus(long time, long more) => more == long.MaxValue ? long.MaxValue : time + more;

    private long End => Plus(TimeOf(_start), _withinMs);

    private bool Fits(int step, int e, State s) => fits[step](events[e], events, s.Taken);

    private bool Ends(int step, int e, State s) => ends[step] is { } end && end(events[e], events, s.Taken);

    private IEnumerable<OracleWay> Accept(State s)
    {
        if (s.Taken.IsEmpty || !IsFarEnough(s))
            yield break;
        var absences = s.Forbidden.Where(f => f.IsLast).ToList();
        if (absences.Count == 0)
        {
            yield return new OracleWay(s.Taken);
            yield break;
        }

        for (var e = s.Last + 1; e < _now.Count; e++)
            if (absences.Exists(f => IsHit(f, s, e)))
                yield break;
        var loose = absences.Where(f => f.Before.Kind != LinkKind.Directly).ToList();
        var deadline = (loose.Count > 0 ? loose : absences).Max(f => f.Before.ToMs == long.MaxValue ? End
            : Plus(TimeOf(s.Last), f.Before.ToMs));
        var isSettled = loose.Count == 0 && (s.Last + 1 < _now.Count || _now.IsEnd);
        _deadlines.Add(deadline);
        if (isSettled || _now.IsPast(deadline))
            yield return new OracleWay(s.Taken);
        else
            yield return new OracleWay((ImmutableList<Taken>?)null);
    }

    /// <summary>
    /// No event that must not come first lies so near that it and the last event are within the limit.
    /// </summary>
    private bool IsFarEnough(State s)
    {
        var leading = new List<Forbidden>();
        Leading(plan.Root, null, leading);
        foreach (var f in leading)
        {
            if (f.After.Kind == LinkKind.Directly || f.After.ToMs != long.MaxValue)
                continue;
            for (var e = 0; e < _start; e++)
                if (f.Node.Steps.Any(step => fits[step](events[e], events, []))
                    && TimeOf(_start) - TimeOf(e) >= f.After.FromMs
                    && TimeOf(s.Last) - TimeOf(e) <= _withinMs)
                    return false;
        }

        return true;
    }

    private static void Leading(PatternNode node, PatternLink? after, List<Forbidden> into)
    {
        if (node is AbsentNode absent)
            into.Add(new Forbidden(absent, default, after ?? PatternLink.Next, true, false));
        if (node is not SequenceNode sequence)
            return;
        for (var i = 0; i < sequence.Items.Count && (i == 0 || sequence.Items[i - 1].Node is AbsentNode); i++)
            if (sequence.Items[i].Node is AbsentNode || i == 0)
                Leading(sequence.Items[i].Node, i + 1 < sequence.Items.Count ? sequence.Items[i + 1].Link
                    : after, into);
    }

    private bool IsHit(Forbidden f, State s, int e)
    {
        var elapsed = TimeOf(e) - TimeOf(s.Last);
        return (f.Before.Kind != LinkKind.Directly || e == s.Last + 1)
            && elapsed >= f.Before.FromMs && elapsed <= f.Before.ToMs && f.Node.Steps.Any(step => Fits(step, e, s));
    }

    private IEnumerable<OracleWay> Ways(PatternNode node, Place at, State s, Func<State,
        IEnumerable<OracleWay>> then) => node switch
        {
            StepNode step => Take(step.Step, at, s, inRun: false, then),
            SequenceNode sequence => Sequence(sequence, 0, at, s, then),
            AlternativesNode either => OneOf([.. either.Members.Select(m => (m, then))], at, s),
            AnyOrderNode all =>
                AnyOrder(all, Enumerable.Range(0, all.Members.Count).ToImmutableList(), at, at, s, then),
            LoopNode loop => Loop(loop, 0, at, s, then),
            AbsentNode absent => Absent(absent, at, s, then),
            _ => throw new ArgumentException("No such node."),
        };

    private IEnumerable<OracleWay> Absent(AbsentNode absent, Place at, State s, Func<State,
        IEnumerable<OracleWay>> then)
    {
        if (s.Taken.IsEmpty && !at.IsStart)
            return then(s);
        return then(s with
        {
            Forbidden =
                s.Forbidden.Add(new Forbidden(absent, at.Link ?? PatternLink.Next, at.After ?? PatternLink.Next,
                at.IsStart && s.Taken.IsEmpty, at.IsLast)),
        });
    }

    private IEnumerable<OracleWay> Sequence(SequenceNode sequence, int index, Place at, State s, Func<State,
        IEnumerable<OracleWay>> then)
    {
        if (index == sequence.Items.Count)
            return then(s);
        var item = sequence.Items[index];
        var isLast = index == sequence.Items.Count - 1;
        var after = isLast ? at.After : sequence.Items[index + 1].Link;
        var onlyNegations = sequence.Items.Take(index).All(i => i.Node is AbsentNode);
        var place = index == 0
            ? at with { After = after, IsLast = at.IsLast && isLast }
            : new Place(item.Link, after, -1, at.IsStart && onlyNegations && item.Node is AbsentNode, at.IsLast
                && isLast);
        return Ways(item.Node, place, s, next => Sequence(sequence, index + 1, at, next, then));
    }

    /// <summary>
    /// Members that wait together: with -> the next event that can begin any of them, with ->> the earlier event first.
    /// </summary>
    private IEnumerable<OracleWay> OneOf(
        List<(PatternNode Node, Func<State, IEnumerable<OracleWay>> Then)> members, Place at, State s)
    {
        if (s.Taken.IsEmpty || at.Fixed >= 0)
        {
            foreach (var (node, then) in members)
                foreach (var way in Ways(node, at, s, then))
                    yield return way;
            yield break;
        }

        var link = at.Link!.Value;
        for (var e = s.Last + 1; e < _now.Count; e++)
        {
            if (!IsOpen(link, s, e))
                yield break;
            if (members.Exists(m => CanBegin(m.Node, at, s, e, inRun: false, taking: false)))
            {
                foreach (var (node, then) in members)
                    foreach (var way in Ways(node, at with { Fixed = e }, s, then))
                        yield return way;
                if (link.Kind == LinkKind.Next)
                    yield break;
            }

            if (link.Kind == LinkKind.Directly || s.Forbidden.Exists(f => f.Before.Kind != LinkKind.Directly
                && IsHit(f, s, e)))
                yield break;
        }

        foreach (var way in Waiting(link, s))
            yield return way;
    }

    private IEnumerable<OracleWay> AnyOrder(
        AnyOrderNode all, ImmutableList<int> rest, Place at, Place first, State s, Func<State,
            IEnumerable<OracleWay>> then)
    {
        if (rest.IsEmpty)
            return then(s);
        var inner = first with { Link = all.Link ?? first.Repeated, Fixed = -1, IsStart = false };
        return OneOf(
            [
                .. rest.Select(i => (all.Members[i],
                    (Func<State, IEnumerable<OracleWay>>)(next =>
                        AnyOrder(all, rest.Remove(i), inner, first, next, then)))),
            ],
            at with { IsLast = first.IsLast && rest.Count == 1 }, s);
    }

    private IEnumerable<OracleWay> Loop(LoopNode loop, int round, Place first, State s, Func<State,
        IEnumerable<OracleWay>> then)
    {
        var at = round == 0 ? first : first with { Link = loop.Link ?? first.Repeated, Fixed = -1, IsStart = false };
        var inRun = round > 0 && loop.Body is StepNode;
        IEnumerable<OracleWay> Enter() => loop.Body is StepNode step
            ? Take(step.Step, at, s, inRun, next => Loop(loop, round + 1, first, next, then))
            : Ways(loop.Body, at, s, next => next.Taken.Count > s.Taken.Count || round < loop.Min
                ? Loop(loop, round + 1, first, next, then) : []);
        if (round < loop.Min)
            return Enter();
        if (round >= loop.Max)
            return then(s);
        if (loop.Mode == LoopMode.Reluctant)
            return then(s).Concat(Deferred(Enter));
        var left = loop.Mode == LoopMode.Possessive
            ? s with { Bars = s.Bars.Add(e => CanBegin(loop.Body, at, s, e, inRun, taking: true)) } : s;
        return Enter().Concat(Deferred(() => then(left)));
    }

    private static IEnumerable<OracleWay> Deferred(Func<IEnumerable<OracleWay>> ways)
    {
        foreach (var way in ways())
            yield return way;
    }

    /// <summary>Whether the event can be the first of a part.</summary>
    private bool CanBegin(PatternNode node, Place at, State s, int e, bool inRun, bool taking) => node switch
    {
        StepNode step => CanTake(step.Step, at.Link, s, e, inRun) && !(taking && Ends(step.Step, e, s)),
        SequenceNode sequence =>
            sequence.Items.TakeWhile((_, i) =>
            i == 0 || (taking && sequence.Items.Take(i).All(p => IsOptional(p.Node))))
            .Select((item, i) =>
                CanBegin(item.Node, i == 0 || s.Taken.IsEmpty ? at : at with { Link = item.Link }, s, e, false,
                taking)).Contains(true),
        AlternativesNode either => either.Members.Any(m => CanBegin(m, at, s, e, false, taking)),
        AnyOrderNode all => all.Members.Any(m => CanBegin(m, at, s, e, false, taking)),
        LoopNode loop => CanBegin(loop.Body, at, s, e, false, taking),
        _ => false,
    };

    private static bool IsOptional(PatternNode node) => node switch
    {
        LoopNode loop => loop.Min == 0 || IsOptional(loop.Body),
        SequenceNode sequence => sequence.Items.All(i => IsOptional(i.Node)),
        AlternativesNode either => either.Members.Any(IsOptional),
        AnyOrderNode all => all.Members.All(IsOptional),
        _ => false,
    };

    private void Try()
    {
        if (++_tries > MaxTries)
            throw new OracleTiredException();
    }

    private bool CanTake(int step, PatternLink? link, State s, int e, bool inRun)
    {
        Try();
        if (s.Taken.IsEmpty)
            return e == _start && Fits(step, e, s) && !s.Bars.Exists(b => b(e));
        for (var between = s.Last + 1; between <= e; between++)
        {
            if (!IsOpen(link!.Value, s, between) || (inRun && Ends(step, between, s)))
                return false;
            var isTaken = TimeOf(between) - TimeOf(s.Last) >= link.Value.FromMs && Fits(step, between, s);
            if (between == e)
                return isTaken;
            if (link.Value.Kind == LinkKind.Directly || (link.Value.Kind == LinkKind.Next && isTaken)
                || s.Forbidden.Exists(f => f.Before.Kind != LinkKind.Directly && IsHit(f, s, between)))
                return false;
        }

        return false;
    }

    /// <summary>Whether an event after the last one leaves it possible that it or a later one is taken.</summary>
    private bool IsOpen(PatternLink link, State s, int e) =>
        TimeOf(e) <= End && TimeOf(e) - TimeOf(s.Last) <= link.ToMs
        && !s.Forbidden.Exists(f => f.Before.Kind == LinkKind.Directly && IsHit(f, s, e))
        && !s.Bars.Exists(bar => bar(e));

    private IEnumerable<OracleWay> Waiting(PatternLink link, State s)
    {
        var deadline = Math.Min(End, Plus(TimeOf(s.Last), link.ToMs));
        _deadlines.Add(deadline);
        if (!_now.IsPast(deadline) && !_now.IsEnd)
            yield return new OracleWay((ImmutableList<Taken>?)null);
    }

    private IEnumerable<OracleWay> Take(int step, Place at, State s, bool inRun, Func<State,
        IEnumerable<OracleWay>> then)
    {
        Try();
        if (s.Taken.IsEmpty)
        {
            if (CanTake(step, null, s, _start, false) && !Ends(step, _start, s) && !IsForbiddenFirst(s))
                foreach (var way in then(new State([new Taken(step, _start)], [], [])))
                    yield return way;
            yield break;
        }

        var link = at.Link!.Value;
        for (var e = s.Last + 1; e < _now.Count; e++)
        {
            if (!IsOpen(link, s, e) || (inRun && Ends(step, e, s)))
                yield break;
            var fitting = TimeOf(e) - TimeOf(s.Last) >= link.FromMs && Fits(step, e, s);
            if (fitting && (at.Fixed < 0 || at.Fixed == e) && !Ends(step, e, s))
                foreach (var way in then(new State(s.Taken.Add(new Taken(step, e)), [], [])))
                    yield return way;
            if (at.Fixed == e || link.Kind == LinkKind.Directly
                || (fitting && link.Kind == LinkKind.Next && at.Fixed < 0)
                || s.Forbidden.Exists(f => f.Before.Kind != LinkKind.Directly && IsHit(f, s, e)))
                yield break;
        }

        if (at.Fixed >= 0)
            yield break;
        foreach (var way in Waiting(link, s))
            yield return way;
    }

    private bool IsForbiddenFirst(State s)
    {
        foreach (var f in s.Forbidden.Where(f => f.IsFirst))
            for (var e = 0; e < _start; e++)
            {
                var elapsed = TimeOf(_start) - TimeOf(e);
                var isNear = f.After.Kind == LinkKind.Directly ? e == _start - 1 : f.After.ToMs != long.MaxValue;
                if (isNear && elapsed >= f.After.FromMs && elapsed <= f.After.ToMs && f.Node.Steps.Any(step =>
                    fits[step](events[e], events, [])))
                    return true;
            }

        return false;
    }
}

/// <summary>The case is too large to try everything.</summary>
internal sealed class OracleTiredException : Exception;
