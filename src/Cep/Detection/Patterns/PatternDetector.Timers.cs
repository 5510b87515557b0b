using System.Numerics;
using Cep.Plans;
using Cep.Time;

namespace Cep.Detection.Patterns;

internal sealed partial class PatternDetector
{
    /// <summary>True where the lapse of time can complete a match or must be told.</summary>
    public override long NextDueMs => StreamClock.Saturating(_timers.NextTime, 1);

    private bool HasTimers => _automaton.HasAbsence || WatchesTime;

    private bool WatchesTime => _plan.Report == PatternReport.Longest || _plan.OnTimeout is not null;

    private void FireBefore(long timeMs, DetectionSink sink)
    {
        while (_timers.NextTime < timeMs)
        {
            var timer = _timers.Pop();
            ref var times = ref _keyTimes[timer.Item];
            if (!times.IsArmed || times.DueMs != timer.Time)
                continue;
            times.IsArmed = false;
            if (DueOf(timer.Item) <= timer.Time)
                Lapse(timer.Item, timer.Time, sink);
            Arm(timer.Item);
        }
    }

    private void Arm(int slot)
    {
        var due = DueOf(slot);
        ref var times = ref _keyTimes[slot];
        if (due == long.MaxValue || (times.IsArmed && times.DueMs <= due))
            return;
        (times.IsArmed, times.DueMs) = (true, due);
        _timers.Push(due, slot);
    }

    private long DueOf(int slot)
    {
        var due = long.MaxValue;
        for (var attempt = _keyStates[slot].First; attempt > 0; attempt = _attempts[attempt].Next)
        {
            if (!_automaton.HasTimedLinks && (WatchesTime || _keyTimes[slot].IsArmed))
                return Math.Min(due, EndOf(attempt));
            for (var way = _attempts[attempt].Ways; way > 0; way = _ways[way].Next)
                due = Math.Min(due, DueOf(_ways[way]));
            if (!_automaton.HasTimedLinks && due != long.MaxValue)
                return due;
        }

        return due;
    }

    private long DueOf(in Way way)
    {
        var due = long.MaxValue;
        for (var open = way.Open; open != 0; open &= open - 1)
        {
            var option = _states[way.State].Options[BitOperations.TrailingZeroCount(open)];
            if (option.IsAccept || WatchesTime)
                due = Math.Min(due, DeadlineOf(way, option));
        }

        return due;
    }

    /// <summary>When an option ends: an event comes too late for it, or what must not come has not come.</summary>
    private long DeadlineOf(in Way way, PatternOption option)
    {
        var end = StreamClock.Saturating(_store[way.Last].FirstMs, _withinMs);
        var last = _store.TimeOf(way.Last);
        if (!option.IsAccept)
            return Math.Min(end, StreamClock.Saturating(last, option.Link.ToMs));
        var hasLoose = Array.Exists(option.Negations, n => !n.IsStrict);
        var deadline = long.MinValue;
        foreach (var negation in option.Negations)
            if (!hasLoose || !negation.IsStrict)
                deadline = Math.Max(deadline, negation.Before.ToMs == long.MaxValue ? end
                    : StreamClock.Saturating(last, negation.Before.ToMs));
        return deadline;
    }

    /// <summary>A time has passed for a key: options end, absences are complete.</summary>
    private void Lapse(int slot, long timeMs, DetectionSink sink)
    {
        ref var key = ref _keyStates[slot];
        (_slot, _timeMs, _resume) = (slot, timeMs, 0);
        for (var attempt = key.First; attempt > 0; attempt = _attempts[attempt].Next)
        {
            // without times of their own all wait for the same time from their first event on
            if (!_automaton.HasTimedLinks && EndOf(attempt) > timeMs)
                break;
            var furthest = 0;
            (_head, _tail, _isDecided, _offered) = (0, 0, false, 0);
            for (var way = _attempts[attempt].Ways; way > 0;)
            {
                var next = _ways[way].Next;
                if (_isDecided)
                    Free(way);
                else
                    LapseWay(attempt, way, timeMs, ref furthest);
                way = next;
            }

            _attempts[attempt].Ways = _head;
            Decide(attempt);
            if (_head == 0 && furthest > 0 && !_attempts[attempt].HasMatched
                && !IsDone(attempt))
                ReportTimeout(slot, furthest, timeMs, sink);
            _store.LetGo(furthest);
        }

        if (_done.Count > 0)
            TakeEffect(slot, timeMs, long.MaxValue, sink);
        if (_automaton.HasTimedLinks || _plan.AfterMatch.Kind != AfterMatchKind.NoSkip)
            Sweep(ref key);
        else
            SweepFront(ref key);
    }

    private void LapseWay(int attempt, int index, long timeMs, ref int furthest)
    {
        var way = _ways[index];
        if (way.Open == 0)
        {
            Append(index);
            return;
        }

        ulong rest = 0;
        var options = _states[way.State].Options;
        for (var open = way.Open; open != 0 && !_isDecided; open &= open - 1)
        {
            var option = options[BitOperations.TrailingZeroCount(open)];
            if (DeadlineOf(way, option) > timeMs)
            {
                rest |= open & (~open + 1);
                continue;
            }

            if (!option.IsAccept)
                KeepFurthest(way.Last, ref furthest);
            else if (_store.TimeOf(way.Last) > NotBeforeMs(attempt))
            {
                AppendRest(ref rest, way, WatchedBy(index) | way.Open);
                Accept(attempt, way.Last);
            }
        }

        AppendRest(ref rest, way, WatchedBy(index) | way.Open);
        Free(index);
    }

    private void ReportTimeout(int slot, int link, long timeMs, DetectionSink sink)
    {
        var start = _pathsEnd;
        _store.BeginPaths(link);
        AddPath(_store.NextPath(long.MinValue));
        Report(slot, new Completion(0, 0, 0, start, _pathsEnd), timeMs, long.MaxValue, _timeoutTexts, sink);
        _pathsEnd = start;
    }

    private void KeepFurthest(int link, ref int furthest)
    {
        if (_plan.OnTimeout is null || (furthest > 0 && _store.LengthOf(furthest) >= _store.LengthOf(link)))
            return;
        _store.LetGo(furthest);
        _store.Hold(furthest = link);
    }

    /// <summary>
    /// The input has ended: matches that waited for more are reported, and what no event has contradicted holds.
    /// </summary>
    private void Finish(DetectionSink sink)
    {
        if (!HasTimers)
        {
            // nothing waits for the time: there is only to let go of
            Array.Clear(_keyStates);
            Array.Clear(_keyTimes);
            _attempts.Clear();
            _ways.Clear();
            _store.Clear();
            return;
        }

        for (var slot = 0; slot < _keyStates.Length; slot++)
        {
            if (_keyStates[slot].First == 0)
                continue;
            (_slot, _timeMs) = (slot, Math.Max(_clockMs, _keyTimes[slot].LastMs));
            for (var attempt = _keyStates[slot].First; attempt > 0; attempt = _attempts[attempt].Next)
                Finish(attempt);
            if (_done.Count > 0)
                TakeEffect(slot, _timeMs, long.MaxValue, sink);
            Release(slot);
        }
    }

    private void Finish(int attempt)
    {
        for (var index = _attempts[attempt].Ways; index > 0; index = _ways[index].Next)
        {
            var way = _ways[index];
            var isComplete = way.Open == 0;
            for (var open = way.Open; open != 0; open &= open - 1)
            {
                var option = _states[way.State].Options[BitOperations.TrailingZeroCount(open)];
                isComplete |= option.IsAccept && Array.TrueForAll(option.Negations, n => n.IsStrict)
                    && _store.TimeOf(way.Last) > NotBeforeMs(attempt);
            }

            if (!isComplete)
                continue;
            Complete(attempt, way.Last);
            if (_matches == PatternMatches.One)
                return;
        }
    }
}
