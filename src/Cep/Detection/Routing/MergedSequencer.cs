using Cep.Events;
using Cep.State;
using Cep.Time;

namespace Cep.Detection.Routing;

/// <summary>
/// Puts the events of several streams in one order: by event time, then by the order of the streams, then by arrival.
/// They
/// wait until the watermarks of all streams have passed them.
/// </summary>
internal sealed class MergedSequencer
{
    private const int ArrivalBits = 48;

    private readonly RowStore[] _waiting;
    private readonly TimeQueue<Arrived> _queue = new();
    private readonly List<byte> _inputs = [];
    private readonly List<int> _rows = [];
    private long _arrivals;

    /// <param name="schemas">The streams, in the order that breaks ties of time.</param>
    /// <param name="lane">The lane of the rules that read them.</param>
    public MergedSequencer(IReadOnlyList<StreamSchema> schemas, int lane)
    {
        _waiting = [.. schemas.Select(s => new RowStore(s, []))];
        Schemas = schemas;
        Lane = lane;
    }

    public IReadOnlyList<StreamSchema> Schemas { get; }

    public int Lane { get; }

    /// <summary>All events before this time were let go: one that comes now is late for the rules, ms.</summary>
    public long ReleasedMs { get; private set; } = StreamClock.Beginning;

    public void Push(int input, EventBatch batch, int row)
    {
        var item = _waiting[input].Add(batch, row, []) * _waiting.Length + input;
        _queue.Push(new Arrived(batch.Times[row], ((long)input << ArrivalBits) | _arrivals++, item));
    }

    /// <summary>The events before a time (at the end of time: all), in order, or null where there are none.</summary>
    public MergedEvents? Release(long clockMs)
    {
        ReleasedMs = Math.Max(ReleasedMs, clockMs);
        _inputs.Clear();
        var perInput = Array.ConvertAll(_waiting, _ => new List<int>());
        _rows.Clear();
        while (_queue.Count > 0 && (_queue.NextTime < clockMs || clockMs == StreamClock.EndOfTime))
        {
            var item = _queue.Pop().Item;
            var input = item % _waiting.Length;
            _inputs.Add((byte)input);
            _rows.Add(perInput[input].Count);
            perInput[input].Add(item / _waiting.Length);
        }

        if (_inputs.Count == 0)
            return null;
        var batches = new EventBatch[_waiting.Length];
        for (var input = 0; input < batches.Length; input++)
        {
            batches[input] = _waiting[input].ToBatch(perInput[input].ToArray());
            foreach (var row in perInput[input])
                _waiting[input].Remove(row);
        }

        return new MergedEvents(batches, [.. _inputs], [.. _rows]);
    }

    public void Save(StateWriter writer)
    {
        writer.Section("merged-sequencer", 1);
        writer.Long(ReleasedMs);
        writer.Long(_arrivals);
        writer.Int(_queue.Count);
        foreach (var entry in _queue.Items().OrderBy(e => e.Time).ThenBy(e => e.Order))
        {
            var input = entry.Item % _waiting.Length;
            writer.Int(input);
            writer.Long(entry.Order);
            _waiting[input].Save(writer, entry.Item / _waiting.Length);
        }
    }

    public void Load(StateReader reader)
    {
        reader.Section("merged-sequencer", 1);
        while (_queue.Count > 0)
        {
            var item = _queue.Pop().Item;
            _waiting[item % _waiting.Length].Remove(item / _waiting.Length);
        }

        ReleasedMs = reader.Long();
        _arrivals = reader.Long();
        for (var n = reader.Count(); n > 0; n--)
        {
            var (input, order) = (reader.Int(), reader.Long());
            var row = _waiting[input].Load(reader);
            _queue.Push(new Arrived(_waiting[input].Times[row], order, row * _waiting.Length + input));
        }
    }
}
