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
    private readonly TimeQueue<Arrived> _queue = new();
    private readonly List<Arrived> _due = [];
    private long[] _ranks = [];
    private int[] _rows = new int[64];
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
        {
            var at = _waiting.Add(batch, row, []);
            _queue.Push(new Arrived(batch.Times[row], _order++, at));
            if (batch.Ranks is { } ranks)
                SetRank(at, ranks[row]);
        }
    }

    /// <summary>The events that the watermark has reached, in order, or null where there are none.</summary>
    public EventBatch? Release(long watermarkMs)
    {
        _due.Clear();
        while (_queue.Count > 0 && _queue.NextTime <= watermarkMs)
            _due.Add(_queue.Pop());
        if (_due.Count == 0)
            return null;
        if (_ranks.Length > 0)
            _due.Sort(ByRank);
        if (_rows.Length < _due.Count)
            _rows = new int[Math.Max(_due.Count, _rows.Length * 2)];
        for (var i = 0; i < _due.Count; i++)
            _rows[i] = _due[i].Item;
        var rows = _rows.AsSpan(0, _due.Count);
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
        {
            _waiting.Save(writer, entry.Item);
            writer.Long(entry.Item < _ranks.Length ? _ranks[entry.Item] : 0);
        }
    }

    public void Load(StateReader reader)
    {
        reader.Section("sequencer", 1);
        // what is shared by all partitions is read once for each of them
        Clear();
        var order = reader.Long();
        var count = reader.Count();
        for (var i = 0; i < count; i++)
        {
            var row = _waiting.Load(reader);
            _queue.Push(new Arrived(_waiting.Times[row], order - count + i, row));
            if (reader.Long() is not 0 and var rank)
                SetRank(row, rank);
        }

        _order = order;
    }

    public void Clear()
    {
        while (_queue.Count > 0)
            _waiting.Remove(_queue.Pop().Item);
    }

    private void SetRank(int row, long rank)
    {
        if (row >= _ranks.Length)
            Array.Resize(ref _ranks, Math.Max(row + 1, _ranks.Length * 2));
        _ranks[row] = rank;
    }

    private int ByRank(Arrived a, Arrived b)
    {
        var order = a.Time.CompareTo(b.Time);
        if (order == 0)
            order = _ranks[a.Item].CompareTo(_ranks[b.Item]);
        return order != 0 ? order : a.Order.CompareTo(b.Order);
    }
}
