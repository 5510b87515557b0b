using Cep.Plans;
using Cep.State;

namespace Cep.Detection.Patterns;

internal sealed partial class PatternDetector
{
    // of the key being saved
    private readonly List<int> _chains = [];
    private readonly Dictionary<int, int> _numbers = [];

    public override void Save(StateWriter writer)
    {
        writer.Section("pattern", 1);
        writer.Long(_clockMs);
        var slots = new List<int>();
        for (var slot = 0; slot < _keyStates.Length; slot++)
            if (_keyStates[slot].Number > 0)
                slots.Add(slot);
        writer.Int(slots.Count);
        foreach (var slot in slots)
        {
            writer.Int(slot);
            Save(writer, slot);
        }
    }

    public override void Load(StateReader reader, IReadOnlyDictionary<int, int> slots)
    {
        reader.Section("pattern", 1);
        _clockMs = reader.Long();
        for (var n = reader.Count(); n > 0; n--)
        {
            var slot = slots.GetValueOrDefault(reader.Int(), KeyTable.Elsewhere);

            // one that belongs to another partition is read into a place of its own, to be let go again
            var isElsewhere = slot < 0;
            if (isElsewhere)
                slot = _keyStates.Length;
            if (slot >= _keyStates.Length)
                AddKeys(slot);
            LoadKey(reader, slot);
            if (isElsewhere)
                Release(slot);
            else if (HasTimers)
                Arm(slot);
        }
    }

    private void Save(StateWriter writer, int slot)
    {
        ref var key = ref _keyStates[slot];
        writer.Int(key.Number);
        var times = _keyTimes.Length > 0 ? _keyTimes[slot] : default;
        writer.Long(times.LastMs);
        writer.Bool(times.History is not null);
        times.History?.Save(writer);
        _chains.Clear();
        _numbers.Clear();
        var attempts = 0;
        for (var attempt = key.First; attempt > 0; attempt = _attempts[attempt].Next, attempts++)
            for (var way = _attempts[attempt].Ways; way > 0; way = _ways[way].Next)
                _chains.Add(_ways[way].Last);
        _store.Save(writer, _chains, _numbers);
        writer.Int(attempts);
        for (var attempt = key.First; attempt > 0; attempt = _attempts[attempt].Next)
        {
            writer.Long(NotBeforeMs(attempt));
            writer.Int(_attempts[attempt].Number);
            writer.Bool(_attempts[attempt].HasMatched);
            for (var way = _attempts[attempt].Ways; way > 0; way = _ways[way].Next)
            {
                writer.Int(_ways[way].State);
                writer.Long((long)_ways[way].Open);
                writer.Long((long)WatchedBy(way));
                writer.Int(_numbers[_ways[way].Last]);
            }

            writer.Int(-1);
        }
    }

    private void LoadKey(StateReader reader, int slot)
    {
        _slot = slot;
        ref var key = ref _keyStates[slot];
        key.Number = reader.Int();
        var times = new KeyTimes { LastMs = reader.Long() };
        if (reader.Bool())
            (times.History = new NegationHistory(_automaton.FirstNegations, _withinMs)).Load(reader);
        if (_keyTimes.Length > 0)
            _keyTimes[slot] = times;
        var junctions = _store.Junctions;
        var links = _store.Load(reader);
        for (var n = reader.Count(); n > 0; n--)
            LoadAttempt(reader, links, ref key);
        foreach (var link in links)
            _store.LetGo(link);
        key.Open += _store.Junctions - junctions;
        if (_matches == PatternMatches.Latest)
            key.Wanted = uint.MaxValue;
    }

    private void LoadAttempt(StateReader reader, int[] links, ref KeyState key)
    {
        var attempt = _attempts.Take();
        var (notBefore, number, hasMatched) = (reader.Long(), reader.Int(), reader.Bool());
        (_head, _tail) = (0, 0);
        for (var state = reader.Int(); state >= 0; state = reader.Int())
        {
            var way = _ways.Take();
            _ways[way] = new Way { State = state, Open = (ulong)reader.Long() };
            SetWatched(way, (ulong)reader.Long());
            _ways[way].Last = links[reader.Int()];
            _store.Hold(_ways[way].Last);
            key.Open++;
            key.Wanted |= _wantedOfState[state];
            Append(way);
        }

        _attempts[attempt] = new Attempt { Number = number, HasMatched = hasMatched, Ways = _head };
        if (_remembers)
            SetNotBefore(attempt, notBefore);
        if (key.Last == 0)
            key.First = attempt;
        else
            _attempts[key.Last].Next = attempt;
        key.Last = attempt;
    }
}
