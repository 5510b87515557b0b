using Cep.Events;
using Cep.State;
using Cep.Time;

namespace Cep.Detection.Routing;

/// <summary>
/// Puts the events of a stream in order: by event time, then by arrival. They wait until the watermark has reached
/// them. Where nothing may come out of order there is nothing to wait for, and batches pass through untouched.
/// </summary>
internal sealed class Sequencer
{
    private readonly RowStore _waiting;
    private readonly TimeQueue _queue = new();
    private int[] _due = new int[64];
    private long _order;

    public Sequencer(StreamSchema schema, bool ordered)
    {
        _waiting = new RowStore(schema, []);
        Ordered = ordered;
    }

    /// <summary>True where events on time are in order already.</summary>
    public bool Ordered { get; }

    public int Waiting => _queue.Count;

    public void Push(EventBatch batch, int from, int to)
    {
        for (var row = from; row < to; row++)
            _queue.Push(batch.Times[row], _order++, _waiting.Add(batch, row, []));
    }

    /// <summary>The events that the watermark has reached, in order, or null where there are none.</summary>
    public EventBatch? Release(long watermarkMs)
    {
        var count = 0;
        while (_queue.Count > 0 && _queue.NextTime <= watermarkMs)
        {
            if (count == _due.Length)
                Array.Resize(ref _due, count * 2);
            _due[count++] = _queue.Pop().Item;
        }

        if (count == 0)
            return null;
        var rows = _due.AsSpan(0, count);
        var batch = _waiting.ToBatch(rows);
        foreach (var row in rows)
            _waiting.Remove(row);
        return batch;
    }

    public void Save(StateWriter writer)
    {
        writer.Section("sequencer", 1);
        writer.Long(_order);
        writer.Int(_queue.Count);
        var entries = _queue.Items().OrderBy(e => e.Time).ThenBy(e => e.Order);
        foreach (var entry in entries)
            _waiting.Save(writer, entry.Item);
    }

    public void Load(StateReader reader)
    {
        reader.Section("sequencer", 1);
        // what is shared by all partitions is read once for each of them
        while (_queue.Count > 0)
            _waiting.Remove(_queue.Pop().Item);
        var order = reader.Long();
        var count = reader.Count();
        for (var i = 0; i < count; i++)
        {
            var row = _waiting.Load(reader);
            _queue.Push(_waiting.Times[row], order - count + i, row);
        }

        _order = order;
    }
}
