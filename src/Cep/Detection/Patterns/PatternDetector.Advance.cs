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

    /// <summary>The event has changed what an attempt waits for, or begun one.</summary>
    private bool _isChanged;

    /// <summary>An attempt was dropped or has no way left.</summary>
    private bool _hasEnded;

    /// <summary>Matches that began before the event of this number are taken out by one of this event's.</summary>
    private int _resume;
    private readonly Dictionary<ulong, int> _told = [];

    private void OnEvent(int slot, DetectionSink sink)
    {
        _slot = slot;
        ref var key = ref _keyStates[slot];
        _number = ++key.Number;
        if (HasTimers)
            _keyTimes[slot].LastMs = _timeMs;
        (_isChanged, _hasEnded) = (false, false);
        if (_matches == PatternMatches.Latest)
        {
            AdvanceLatest(ref key);
        }
        else
        {
            DropOver(ref key);
            if (_seesAll || (_fits & key.Wanted) != 0)
                AdvanceAll(ref key);
            Begin(ref key);
        }

        if (_remembers)
            Remember();
        if (_kept >= 0)
            _store.LetGoRow(_input, _kept);
        if (_done.Count > 0)
            TakeEffect(slot, _timeMs, _batch.Positions[_row], sink);
        if (_hasEnded)
            Sweep(ref key);
        if (_unites && _isChanged)
            Unite(ref key);
        if (HasTimers)
            Arm(slot);
    }

    /// <summary>
    /// Lets go of the first attempts whose time is over: no event that matters to them may ever come.
    /// </summary>
    private void DropOver(ref KeyState key)
    {
        while (key.First > 0 && !OutlastsWithin && IsOver(key.First) && !HasTimers)
        {
            var next = _attempts[key.First].Next;
            Remove(key.First);
            key.First = next;
        }

        if (key.First == 0)
            key.Last = 0;
    }

    private void AdvanceAll(ref KeyState key)
    {
        var wanted = 0u;
        for (var attempt = key.First; attempt > 0; attempt = _attempts[attempt].Next)
        {
            if (IsOver(attempt) && !OutlastsWithin)
            {
                Drop(attempt);
                continue;
            }

            Advance(attempt);
            for (var way = _attempts[attempt].Ways; way > 0; way = _ways[way].Next)
                wanted |= _wantedOfState[_ways[way].State];
            _hasEnded |= _attempts[attempt].Ways == 0;
        }

        key.Wanted = wanted;
    }

    private void Drop(int attempt)
    {
        _attempts[attempt].Dropped = true;
        _hasEnded = true;
    }

    /// <summary>True where an absence may be waited for longer than events may be taken.</summary>
    private bool OutlastsWithin => _automaton is { HasAbsence: true, HasTimedLinks: true };

    private bool IsOver(int attempt) => _timeMs - FirstMsOf(attempt) > _withinMs;

    /// <summary>The time of an attempt's first event; of several that are united that of the latest.</summary>
    private long FirstMsOf(int attempt)
    {
        var way = _attempts[attempt].Ways;
        var first = _store[_ways[way].Last].FirstMs;
        if (UnitesWays)
            while ((way = _ways[way].Next) > 0)
                first = Math.Max(first, _store[_ways[way].Last].FirstMs);
        return first;
    }

    private long NotBeforeMs(int attempt) => _remembers ? _notBeforeMs[attempt] : long.MinValue;

    /// <summary>Moves all ways of an attempt on with the event.</summary>
    private void Advance(int attempt)
    {
        if (TryMove(_attempts[attempt].Ways))
            return;
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

    /// <summary>
    /// Moves an attempt with one way, as most have, where the event either is not for it or takes it on as a whole.
    /// </summary>
    private bool TryMove(int index)
    {
        ref var way = ref _ways[index];
        if (way.Next > 0 || !_isPlain[way.State] || OutlastsWithin)
            return false;
        if ((_fits & _wantedOfState[way.State]) == 0)
            return true;
        var state = _states[way.State];
        _context.Follow(way.Last);
        JudgePlain(way.Open, state.Options);
        if (_takes == 0)
            return true;
        var option = state.Options[0];
        if (_takes != 1 || !option.MovesAll || !_isPlain[option.Target])
            return false;
        if (_kept < 0)
            _kept = _store.Keep(_input, _batch, _row, _computed);
        way.Last = _store.Extend(way.Last, option.Step, _kept, _number);
        (way.State, way.Open) = (option.Target, _states[option.Target].All);
        _isChanged = true;
        return true;
    }

    /// <summary>The match that is waited for is known once nothing preferred to it is open.</summary>
    private void Decide(int attempt)
    {
        // all matches united in it are complete
        if (_unites && _isDecided)
            Drop(attempt);
        if (_plan.Report != PatternReport.Longest || _head == 0 || _ways[_head].Open != 0)
            return;
        Complete(attempt, _ways[_head].Last);
    }

    private void Complete(int attempt, int link)
    {
        var fromMs = _withinMs == long.MaxValue ? long.MinValue : _timeMs - _withinMs;
        var onlyFirst = _unites && _plan.AfterMatch.Kind == AfterMatchKind.SkipPastLast;
        var from = _done.Count;
        _store.BeginPaths(link);
        for (var path = _store.NextPath(_unites ? fromMs : long.MinValue); path.Length > 0;
            path = _store.NextPath(fromMs))
        {
            if (_done.Count == MaxMatchesOfEvent)
            {
                Rule.Limited++;
                break;
            }

            var number = _store[path[^1]].Number;
            if (onlyFirst && _done.Count > from)
            {
                // the first takes out all others
                if (number > _done[from].Number)
                    continue;
                _done.RemoveAt(from);
            }

            _done.Add(new Completion(_unites ? 0 : attempt, number, 0, _pathsEnd, _pathsEnd + path.Length));
            AddPath(path);
        }

        if (_done.Count == from)
            return;
        _store.Hold(link);
        _done[from] = _done[from] with { Link = link };
    }

    private void AddPath(ReadOnlySpan<int> path)
    {
        if (_pathsEnd + path.Length > _paths.Length)
            Array.Resize(ref _paths, Math.Max(_pathsEnd + path.Length, _paths.Length * 2));
        path.CopyTo(_paths.AsSpan(_pathsEnd));
        _pathsEnd += path.Length;
    }

    private ReadOnlySpan<int> PathOf(in Completion match) => _paths.AsSpan(match.Start, match.End - match.Start);

    private void AdvanceWay(int attempt, int index)
    {
        var way = _ways[index];
        if (way.Open == 0)
        {
            Append(index);
            return;
        }

        if (UnitesWays && _timeMs - _store[way.Last].FirstMs > _withinMs)
        {
            Free(index);
            return;
        }

        if (!_seesAll && (_fits & _wantedOfState[way.State]) == 0)
        {
            Keep(index, way.Open, WatchedBy(index));
            return;
        }

        var options = _states[way.State].Options;
        Judge(way, WatchedBy(index), options, isOver: OutlastsWithin && _timeMs - _store[way.Last].FirstMs > _withinMs);
        var watched = _stays & WatchedBy(index);
        (_takes, _stays) = (_takes & way.Open, _stays & way.Open);
        if (_takes == 0 && _stays == way.Open)
        {
            Keep(index, way.Open, watched);
            return;
        }

        _isChanged = true;

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

    /// <summary>Keeps a way that the event does not change, but for what ways before it offer too.</summary>
    private void Keep(int index, ulong open, ulong watched)
    {
        var left = Unoffered(_ways[index].State, open);
        if (left == 0)
        {
            Free(index);
            return;
        }

        _ways[index].Open = left;
        SetWatched(index, watched);
        Append(index);
    }

    private ulong WatchedBy(int way) => way < _watched.Length ? _watched[way] : 0;

    private void SetWatched(int way, ulong watched)
    {
        if (way >= _watched.Length)
        {
            if (watched == 0)
                return;
            Array.Resize(ref _watched, Math.Max(way + 1, _watched.Length * 2));
        }

        _watched[way] = watched;
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
    private void Judge(in Way way, ulong watched, PatternOption[] options, bool isOver)
    {
        (_takes, _stays) = (0, 0);
        _context.Follow(way.Last);
        if (_isPlain[way.State] && !isOver)
        {
            JudgePlain(way.Open, options);
            return;
        }

        var elapsed = _timeMs - _store.TimeOf(way.Last);
        var isNext = _store.NumberOf(way.Last) == _number - 1;
        ulong hits = 0;
        for (var open = way.Open | watched; open != 0; open &= open - 1)
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

    /// <summary>Where each option just waits for an event that fits its step.</summary>
    private void JudgePlain(ulong open, PatternOption[] options)
    {
        (_takes, _stays) = (0, open);
        for (; open != 0; open &= open - 1)
        {
            var option = options[BitOperations.TrailingZeroCount(open)];
            if (!Fits(option.Step))
                continue;
            var bit = open & (~open + 1);
            _takes |= bit;
            if (option.Link.Kind == LinkKind.Next)
                _stays &= ~bit;
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
            if (_store.TimeOf(way.Last) > NotBeforeMs(attempt))
                Accept(attempt, way.Last);
            return;
        }

        if (_keyStates[_slot].Open >= MaxOpenMatches)
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
            if (_timeMs <= NotBeforeMs(attempt))
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
        _isDecided = _matches == PatternMatches.One;
    }

    /// <summary>Adds a way at the end, unless one before it can do all that it can.</summary>
    private void AppendNew(int state, ulong open, int link, ulong watched = 0)
    {
        if (_canMerge && open != 0)
        {
            for (var other = _head; other > 0; other = _ways[other].Next)
            {
                if (_ways[other].State != state || WatchedBy(other) != watched || (_ways[other].Open & open) != open
                    || (_seesAll && _store.NumberOf(_ways[other].Last) != _store.NumberOf(link)))
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
        _ways[way] = new Way { State = state, Open = open, Last = link };
        if (watched != 0 || _watched.Length > 0)
            SetWatched(way, watched);
        _keyStates[_slot].Open++;
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
        var junctions = _store.Junctions;
        _store.LetGo(_ways[way].Last);
        _ways.Give(way);
        _keyStates[_slot].Open += _store.Junctions - junctions - 1;
    }

    /// <summary>Begins an attempt where the event can be a first one.</summary>
    private void Begin(ref KeyState key)
    {
        var attempt = BeginAttempt();
        if (attempt == 0)
            return;
        (_isChanged, _hasEnded) = (true, _hasEnded || _attempts[attempt].Ways == 0);
        for (var way = _attempts[attempt].Ways; way > 0; way = _ways[way].Next)
            key.Wanted |= _wantedOfState[_ways[way].State];
        if (key.Last == 0)
            key.First = attempt;
        else
            _attempts[key.Last].Next = attempt;
        key.Last = attempt;
    }

    private int BeginAttempt()
    {
        if ((_fits & _wantedOfState[0]) == 0)
            return 0;
        var history = _remembers ? _keyTimes[_slot].History : null;
        var options = _states[0].Options;
        ulong takes = 0;
        _context.Follow(0);
        for (var i = 0; i < options.Length; i++)
            if ((options[i].BarredBy & takes) == 0 && Fits(options[i].Step) && !EndsLoop(options[i].Step))
                takes |= 1UL << i;
        if (takes == 0)
            return 0;
        (_head, _tail, _isDecided, _offered) = (0, 0, false, 0);
        var attempt = _attempts.Take();
        _attempts[attempt] = new Attempt { Number = _number };
        for (var i = 0; i < options.Length && !_isDecided; i++)
        {
            var notBefore = long.MinValue;
            if ((takes >> i & 1) == 0 || !IsAllowed(options[i], history, ref notBefore))
                continue;
            if (_remembers)
                SetNotBefore(attempt, notBefore);
            Follow(attempt, default, options[i]);
        }

        _attempts[attempt].Ways = _head;
        Decide(attempt);
        if (_head > 0 || IsDone(attempt))
            return attempt;
        _attempts.Give(attempt);
        return 0;
    }

    private void SetNotBefore(int attempt, long timeMs)
    {
        if (attempt >= _notBeforeMs.Length)
            Array.Resize(ref _notBeforeMs, Math.Max(attempt + 1, _notBeforeMs.Length * 2));
        _notBeforeMs[attempt] = timeMs;
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

    private void Remember()
    {
        ref var times = ref _keyTimes[_slot];
        _context.Follow(0);
        foreach (var negation in _automaton.FirstNegations)
            if (FitsAny(negation.Steps))
                (times.History ??= new NegationHistory(_automaton.FirstNegations, _withinMs))
                    .Add(negation.Index, _number, _timeMs);
    }

    /// <summary>Reports what was completed, in order, and drops what each match takes out.</summary>
    private void TakeEffect(int slot, long atMs, long order, DetectionSink sink)
    {
        if (_unites && _done.Count > 1)
            _done.Sort(static (a, b) => a.Number.CompareTo(b.Number));
        _resume = 0;
        _told.Clear();
        for (var i = 0; i < _done.Count; i++)
        {
            var done = _done[i];
            if (done.Number < _resume || (done.Attempt > 0 && _attempts[done.Attempt].Dropped) || IsRepeated(i))
                continue;
            Report(slot, done, atMs, order, null, sink);
            if (done.Attempt > 0)
            {
                _attempts[done.Attempt].HasMatched = true;
                if (_matches == PatternMatches.One)
                    Drop(done.Attempt);
            }

            DropAfter(ref _keyStates[slot], done);
        }

        foreach (var completion in _done)
            _store.LetGo(completion.Link);
        _done.Clear();
        _pathsEnd = 0;
    }

    /// <summary>The same events by the same steps were found another way already.</summary>
    private bool IsRepeated(int index)
    {
        if (_matches != PatternMatches.All || _done.Count == 1)
            return false;
        var hash = _store.HashOf(PathOf(_done[index]));
        if (_told.TryAdd(hash, index))
            return false;
        for (var i = _told[hash]; i < index; i++)
            if (_store.AreSame(PathOf(_done[i]), PathOf(_done[index])))
                return true;
        return false;
    }

    private void DropAfter(ref KeyState key, in Completion match)
    {
        var resume = _plan.AfterMatch.Kind switch
        {
            AfterMatchKind.SkipPastLast => _store[_paths[match.Start]].Number + 1,
            AfterMatchKind.SkipToFirst or AfterMatchKind.SkipToLast => NumberOf(PathOf(match)),
            _ => 0,
        };
        _resume = Math.Max(_resume, resume);
        var isToNext = _plan.AfterMatch.Kind == AfterMatchKind.SkipToNext && !_unites;
        if (resume == 0 && !isToNext)
            return;
        for (var attempt = key.First; attempt > 0; attempt = _attempts[attempt].Next)
            if (_attempts[attempt].Number < resume || (isToNext && _attempts[attempt].Number == match.Number))
                Drop(attempt);
    }

    private int NumberOf(ReadOnlySpan<int> path)
    {
        var number = 0;
        foreach (var link in path)
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

        key.Last = before;
    }

    /// <summary>The same where only the first ones can be meant.</summary>
    private void SweepFront(ref KeyState key)
    {
        while (key.First > 0 && (_attempts[key.First].Dropped || _attempts[key.First].Ways == 0))
        {
            var next = _attempts[key.First].Next;
            Remove(key.First);
            key.First = next;
        }

        if (key.First == 0)
            key.Last = 0;
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

    private long EndOf(int attempt) => StreamClock.Saturating(FirstMsOf(attempt), _withinMs);
}
