using Cep.State;

namespace Cep.Detection.Patterns;

internal sealed partial class PatternDetector
{
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
            Save(writer, ref _keyStates[slot]);
        }
    }

    public override void Load(StateReader reader, IReadOnlyDictionary<int, int> slots)
    {
        reader.Section("pattern", 1);
        _clockMs = reader.Long();
        for (var n = reader.Count(); n > 0; n--)
        {
            var slot = slots.GetValueOrDefault(reader.Int(), KeyTable.Elsewhere);
            var key = LoadKey(reader);
            var isElsewhere = slot < 0;
            // one that belongs to another partition is read into a place of its own, to be let go again
            if (isElsewhere)
                slot = _keyStates.Length;
            if (slot >= _keyStates.Length)
                Array.Resize(ref _keyStates, Math.Max(slot + 1, _keyStates.Length * 2));
            _keyStates[slot] = key;
            if (isElsewhere)
                Release(slot);
            else if (HasTimers)
                Arm(slot);
        }
    }

    private void Save(StateWriter writer, ref KeyState key)
    {
        writer.Int(key.Number);
        writer.Long(key.LastMs);
        writer.Bool(key.History is not null);
        key.History?.Save(writer);
        var chains = new List<int>();
        var attempts = 0;
        for (var attempt = key.First; attempt > 0; attempt = _attempts[attempt].Next, attempts++)
            for (var way = _attempts[attempt].Ways; way > 0; way = _ways[way].Next)
                chains.Add(_ways[way].Last);
        var numbers = new Dictionary<int, int>();
        _store.Save(writer, chains, numbers);
        writer.Int(attempts);
        for (var attempt = key.First; attempt > 0; attempt = _attempts[attempt].Next)
        {
            ref var a = ref _attempts[attempt];
            writer.Long(a.FirstMs);
            writer.Long(a.NotBeforeMs);
            writer.Int(a.Number);
            writer.Bool(a.HasMatched);
            for (var way = a.Ways; way > 0; way = _ways[way].Next)
            {
                writer.Int(_ways[way].State);
                writer.Long((long)_ways[way].Open);
                writer.Long((long)_ways[way].Watched);
                writer.Int(numbers[_ways[way].Last]);
            }

            writer.Int(-1);
        }
    }

    private KeyState LoadKey(StateReader reader)
    {
        var key = new KeyState { Number = reader.Int(), LastMs = reader.Long() };
        if (reader.Bool())
            (key.History = new NegationHistory(_automaton.FirstNegations, _withinMs)).Load(reader);
        var links = _store.Load(reader);
        var last = 0;
        for (var n = reader.Count(); n > 0; n--)
        {
            var attempt = _attempts.Take();
            var (first, notBefore, number, hasMatched) = (reader.Long(), reader.Long(), reader.Int(), reader.Bool());
            (_head, _tail) = (0, 0);
            for (var state = reader.Int(); state >= 0; state = reader.Int())
            {
                var way = _ways.Take();
                _ways[way] = new Way { State = state, Open = (ulong)reader.Long(), Watched = (ulong)reader.Long(),
                    Last = links[reader.Int()] };
                _store.Hold(_ways[way].Last);
                Append(way);
            }

            _attempts[attempt] = new Attempt
            {
                FirstMs = first, NotBeforeMs = notBefore, Number = number, HasMatched = hasMatched, Ways = _head,
            };
            if (last == 0)
                key.First = attempt;
            else
                _attempts[last].Next = attempt;
            last = attempt;
        }

        foreach (var link in links)
            _store.LetGo(link);
        return key;
    }
}
