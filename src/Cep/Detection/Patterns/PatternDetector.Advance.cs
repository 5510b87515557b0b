using System.Numerics;
using Cep.Plans;
using Cep.Time;

namespace Cep.Detection.Patterns;

internal sealed partial class PatternDetector
{
    // the ways of the attempt that is being moved on
    private int _head;
    private int _tail;
    private bool _isDecided;
    private ulong _offered;
    private ulong _takes;
    private ulong _stays;

    private void OnEvent(int slot, DetectionSink sink)
    {
        ref var key = ref _keyStates[slot];
        _number = ++key.Number;
        key.LastMs = _timeMs;
        if (_plan.Matches == PatternMatches.Latest)
        {
            AdvanceLatest(ref key);
        }
        else
        {
            var last = 0;
            for (var attempt = key.First; attempt > 0;)
            {
                var next = _attempts[attempt].Next;
                if (IsOver(attempt) && !OutlastsWithin)
                    _attempts[attempt].Dropped = true;
                else
                    Advance(attempt);
                last = attempt;
                attempt = next;
            }

            Begin(ref key, last);
        }

        Remember(ref key);
        if (_kept >= 0)
            _store.LetGoRow(_input, _kept);
        if (_done.Count > 0)
            TakeEffect(slot, _timeMs, _batch.Positions[_row], sink);
        Sweep(ref _keyStates[slot]);
        if (HasTimers)
            Arm(slot);
    }

    /// <summary>True where an absence may be waited for longer than events may be taken.</summary>
    private bool OutlastsWithin => _automaton is { HasAbsence: true, HasTimedLinks: true };

    private bool IsOver(int attempt) => _timeMs - _attempts[attempt].FirstMs > _withinMs;

    /// <summary>Moves all ways of an attempt on with the event.</summary>
    private void Advance(int attempt)
    {
        (_head, _tail, _isDecided, _offered) = (0, 0, false, 0);
        for (var way = _attempts[attempt].Ways; way > 0;)
        {
            var next = _ways[way].Next;
            if (_isDecided)
                Free(way);
            else
                AdvanceWay(attempt, way);
            way = next;
        }

        _attempts[attempt].Ways = _head;
        Decide(attempt);
    }

    /// <summary>The match that is waited for is known once nothing preferred to it is open.</summary>
    private void Decide(int attempt)
    {
        if (_plan.Report != PatternReport.Longest || _head == 0 || _ways[_head].Open != 0)
            return;
        Complete(attempt, _ways[_head].Last);
    }

    private void Complete(int attempt, int link)
    {
        _store.Hold(link);
        _done.Add(new Completion(attempt, _attempts[attempt].Number, link));
    }

    private void AdvanceWay(int attempt, int index)
    {
        var way = _ways[index];
        if (way.Open == 0)
        {
            Append(index);
            return;
        }

        var options = _states[way.State].Options;
        Judge(way, options, IsOver(attempt));
        var watched = _stays & way.Watched;
        (_takes, _stays) = (_takes & way.Open, _stays & way.Open);
        if (_takes == 0 && _stays == way.Open)
        {
            var left = Unoffered(way.State, way.Open);
            if (left == 0)
            {
                Free(index);
                return;
            }

            (_ways[index].Watched, _ways[index].Open) = (watched, left);
            Append(index);
            return;
        }

        watched |= _stays;

        // what stays is less preferred than what was taken before it in order, and than what is taken now by the same
        // option
        ulong rest = 0;
        for (var i = 0; i < options.Length && !_isDecided; i++)
        {
            var end = i;
            while (options[i].Race >= 0 && end + 1 < options.Length && options[end + 1].Race == options[i].Race)
                end++;
            for (var k = i; k <= end && !_isDecided; k++)
            {
                if ((_takes >> k & 1) == 0)
                    continue;
                AppendRest(ref rest, way, watched);
                Follow(attempt, way, options[k]);
            }

            for (; i <= end; i++)
                rest |= _stays & 1UL << i;
            i = end;
        }

        if (!_isDecided)
            AppendRest(ref rest, way, watched);
        Free(index);
    }

    private void AppendRest(ref ulong rest, in Way way, ulong watched)
    {
        if (rest == 0)
            return;
        ulong barring = 0;
        if (watched != 0 && _states[way.State].HasBars)
            for (var open = rest; open != 0; open &= open - 1)
                barring |= _states[way.State].Options[BitOperations.TrailingZeroCount(open)].BarredBy;
        _store.Hold(way.Last);
        AppendNew(way.State, rest, way.Last, watched & barring & ~rest);
        rest = 0;
    }

    /// <summary>Works out which of a way's options take the event, and which stay open after it.</summary>
    private void Judge(in Way way, PatternOption[] options, bool isOver)
    {
        (_takes, _stays) = (0, 0);
        _context.Match = way.Last;
        var elapsed = _timeMs - _store.TimeOf(way.Last);
        var isNext = _store[way.Last].Number == _number - 1;
        ulong hits = 0;
        for (var open = way.Open | way.Watched; open != 0; open &= open - 1)
        {
            var bit = open & (~open + 1);
            var option = options[BitOperations.TrailingZeroCount(open)];
            if (!IsForbidden(option, elapsed, isNext, strict: true)
                && (option.IsAccept || (elapsed <= option.Link.ToMs && !isOver)))
                Judge(option, bit, elapsed, isNext, ref hits);
        }

        if (hits == 0)
            return;
        for (var stays = _stays; stays != 0; stays &= stays - 1)
        {
            var option = options[BitOperations.TrailingZeroCount(stays)];
            if (option.Race < 0 || option.Link.Kind != LinkKind.Next)
                continue;
            for (var hit = hits; hit != 0; hit &= hit - 1)
                if (options[BitOperations.TrailingZeroCount(hit)].Race == option.Race)
                    _stays &= ~(stays & (~stays + 1));
        }
    }

    private void Judge(PatternOption option, ulong bit, long elapsed, bool isNext, ref ulong hits)
    {
        if (option.IsAccept)
        {
            if (Array.TrueForAll(option.Negations, n => n.IsStrict))
                _takes |= bit;
            else if (!IsForbidden(option, elapsed, isNext, strict: false))
                _stays |= bit;
            return;
        }

        if ((option.InRun && EndsLoop(option.Step)) || (option.BarredBy & _takes) != 0)
            return;
        var fits = elapsed >= option.Link.FromMs && (isNext || option.Link.Kind != LinkKind.Directly)
            && Fits(option.Step);
        if (fits)
        {
            hits |= bit;
            if (option.InRun || !EndsLoop(option.Step))
                _takes |= bit;
        }

        if ((option.Link.Kind == LinkKind.Any || (option.Link.Kind == LinkKind.Next && !fits))
            && !IsForbidden(option, elapsed, isNext, strict: false))
            _stays |= bit;
    }

    private bool IsForbidden(PatternOption option, long elapsed, bool isNext, bool strict)
    {
        foreach (var negation in option.Negations)
            if (negation.IsStrict == strict && (!strict || isNext)
                && elapsed >= negation.Before.FromMs && elapsed <= negation.Before.ToMs && FitsAny(negation.Steps))
                return true;
        return false;
    }

    /// <summary>Takes the event by an option.</summary>
    private void Follow(int attempt, in Way way, PatternOption option)
    {
        if (option.IsAccept)
        {
            if (_store.TimeOf(way.Last) > _attempts[attempt].NotBeforeMs)
                Accept(attempt, way.Last);
            return;
        }

        if (_ways.Count >= MaxOpenWays)
        {
            Rule.Limited++;
            return;
        }

        if (_kept < 0)
            _kept = _store.Keep(_input, _batch, _row, _computed);
        Enter(attempt, option.Target, _store.Add(way.Last, option.Step, _kept, _number));
    }

    /// <summary>A way has come to a state with a new last event, which it holds.</summary>
    private void Enter(int attempt, int state, int link)
    {
        var options = _states[state].Options;
        var open = _states[state].All;
        for (var i = 0; i < options.Length && !_isDecided; i++)
        {
            if (!options[i].IsAccept || options[i].Negations.Length > 0)
                continue;
            var before = open & ((1UL << i) - 1);
            open &= ~(1UL << i);
            if (_timeMs <= _attempts[attempt].NotBeforeMs)
                continue;
            if (_plan.Report == PatternReport.Longest && before != 0)
            {
                _store.Hold(link);
                AppendNew(state, before, link);
            }

            Accept(attempt, link);
        }

        if (open != 0 && !_isDecided)
            AppendNew(state, open, link);
        else
            _store.LetGo(link);
    }

    private void Accept(int attempt, int link)
    {
        if (_plan.Report == PatternReport.Longest)
        {
            _store.Hold(link);
            AppendNew(0, 0, link);
            _isDecided = true;
            return;
        }

        Complete(attempt, link);
        _isDecided = _plan.Matches == PatternMatches.One;
    }

    /// <summary>Adds a way at the end, unless one before it can do all that it can.</summary>
    private void AppendNew(int state, ulong open, int link, ulong watched = 0)
    {
        if (_canMerge && open != 0)
        {
            for (var other = _head; other > 0; other = _ways[other].Next)
            {
                if (_ways[other].State != state || _ways[other].Watched != watched || (_ways[other].Open & open) != open
                    || (_seesAll && _store[_ways[other].Last].Number != _store[link].Number))
                    continue;
                _store.LetGo(link);
                return;
            }
        }

        open = Unoffered(state, open);
        if (open == 0 && state > 0)
        {
            _store.LetGo(link);
            return;
        }

        var way = _ways.Take();
        _ways[way] = new Way { State = state, Open = open, Watched = watched, Last = link };
        Append(way);
    }

    /// <summary>The options that no way before offers too.</summary>
    private ulong Unoffered(int state, ulong open)
    {
        var options = _states[state].Options;
        var left = open;
        for (; open != 0; open &= open - 1)
        {
            var alike = options[BitOperations.TrailingZeroCount(open)].Alike;
            if (alike < 0)
                continue;
            if ((_offered >> alike & 1) != 0)
                left &= ~(open & (~open + 1));
            _offered |= 1UL << alike;
        }

        return left;
    }

    private void Append(int way)
    {
        _ways[way].Next = 0;
        if (_tail == 0)
            _head = way;
        else
            _ways[_tail].Next = way;
        _tail = way;
    }

    private void Free(int way)
    {
        _store.LetGo(_ways[way].Last);
        _ways.Give(way);
    }

    /// <summary>Begins an attempt where the event can be a first one.</summary>
    private void Begin(ref KeyState key, int last)
    {
        var attempt = BeginAttempt(ref key);
        if (attempt == 0)
            return;
        if (last == 0)
            key.First = attempt;
        else
            _attempts[last].Next = attempt;
    }

    private int BeginAttempt(ref KeyState key)
    {
        var options = _states[0].Options;
        ulong takes = 0;
        _context.Match = 0;
        for (var i = 0; i < options.Length; i++)
            if ((options[i].BarredBy & takes) == 0 && Fits(options[i].Step) && !EndsLoop(options[i].Step))
                takes |= 1UL << i;
        if (takes == 0)
            return 0;
        (_head, _tail, _isDecided, _offered) = (0, 0, false, 0);
        var attempt = _attempts.Take();
        _attempts[attempt] = new Attempt { FirstMs = _timeMs, Number = _number, NotBeforeMs = long.MinValue };
        for (var i = 0; i < options.Length && !_isDecided; i++)
        {
            var notBefore = long.MinValue;
            if ((takes >> i & 1) == 0 || !IsAllowed(options[i], key.History, ref notBefore))
                continue;
            _attempts[attempt].NotBeforeMs = notBefore;
            Follow(attempt, default, options[i]);
        }

        _attempts[attempt].Ways = _head;
        Decide(attempt);
        if (_head > 0 || IsDone(attempt))
            return attempt;
        _attempts.Give(attempt);
        return 0;
    }

    private bool IsDone(int attempt)
    {
        foreach (var done in _done)
            if (done.Attempt == attempt)
                return true;
        return false;
    }

    private bool IsAllowed(PatternOption option, NegationHistory? history, ref long notBeforeMs)
    {
        if (history is null)
            return true;
        foreach (var negation in option.Negations)
            if (!history.Allows(negation.Index, _number, _timeMs, ref notBeforeMs))
                return false;
        return true;
    }

    private void Remember(ref KeyState key)
    {
        _context.Match = 0;
        foreach (var negation in _automaton.FirstNegations)
            if (FitsAny(negation.Steps))
                (key.History ??= new NegationHistory(_automaton.FirstNegations, _withinMs))
                    .Add(negation.Index, _number, _timeMs);
    }

    /// <summary>Reports what was completed, in order, and drops what each match takes out.</summary>
    private void TakeEffect(int slot, long atMs, long order, DetectionSink sink)
    {
        for (var i = 0; i < _done.Count; i++)
        {
            var (attempt, number, link) = _done[i];
            if (!IsDropped(_done[i]) && !IsRepeated(i))
            {
                Report(slot, link, atMs, order, null, sink);
                if (attempt > 0)
                {
                    _attempts[attempt].HasMatched = true;
                    _attempts[attempt].Dropped |= _plan.Matches == PatternMatches.One;
                }

                DropAfter(ref _keyStates[slot], number, link);
            }
        }

        foreach (var completion in _done)
            _store.LetGo(completion.Link);
        _done.Clear();
    }

    private bool IsDropped(in Completion done) => done.Attempt > 0 && _attempts[done.Attempt].Dropped;

    /// <summary>The same events by the same steps were found another way already.</summary>
    private bool IsRepeated(int index)
    {
        if (_plan.Matches != PatternMatches.All)
            return false;
        for (var i = index - 1; i >= 0 && _done[i].Attempt == _done[index].Attempt; i--)
            if (_store.AreSame(_done[i].Link, _done[index].Link))
                return true;
        return false;
    }

    private void DropAfter(ref KeyState key, int number, int link)
    {
        var resume = _plan.AfterMatch.Kind switch
        {
            AfterMatchKind.SkipPastLast => _store[link].Number + 1,
            AfterMatchKind.SkipToFirst or AfterMatchKind.SkipToLast => NumberOf(link),
            _ => 0,
        };
        var isToNext = _plan.AfterMatch.Kind == AfterMatchKind.SkipToNext;
        for (var attempt = key.First; attempt > 0; attempt = _attempts[attempt].Next)
            if (_attempts[attempt].Number < resume || (isToNext && _attempts[attempt].Number == number))
                _attempts[attempt].Dropped = true;
    }

    private int NumberOf(int link)
    {
        var number = 0;
        for (; link > 0; link = _store[link].Before)
        {
            if (_store[link].Step != _plan.AfterMatch.Step)
                continue;
            number = _store[link].Number;
            if (_plan.AfterMatch.Kind == AfterMatchKind.SkipToLast)
                break;
        }

        return number;
    }

    /// <summary>Removes attempts that were dropped or have no way left.</summary>
    private void Sweep(ref KeyState key)
    {
        var before = 0;
        for (var attempt = key.First; attempt > 0;)
        {
            var next = _attempts[attempt].Next;
            if (!_attempts[attempt].Dropped && _attempts[attempt].Ways > 0)
            {
                before = attempt;
            }
            else
            {
                if (before == 0)
                    key.First = next;
                else
                    _attempts[before].Next = next;
                Remove(attempt);
            }

            attempt = next;
        }
    }

    private void Remove(int attempt)
    {
        for (var way = _attempts[attempt].Ways; way > 0;)
        {
            var next = _ways[way].Next;
            Free(way);
            way = next;
        }

        _attempts.Give(attempt);
    }

    private long EndOf(in Attempt attempt) => StreamClock.Saturating(attempt.FirstMs, _withinMs);
}
