using Cep.State;

namespace Cep.Time;

/// <summary>
/// Items ordered by (time, order). What comes in order is appended to a sorted run in constant time; only what comes
/// out of order pays for a heap. So streams that are nearly sorted, and timers of one constant length, cost next to
/// nothing.
/// </summary>
internal sealed class TimeQueue
{
    private Entry[] _run = new Entry[16];
    private int _head;
    private int _runCount;
    private Entry[] _heap = new Entry[16];
    private int _heapCount;

    public readonly record struct Entry(long Time, long Order, int Item)
    {
        public bool IsBefore(in Entry other) => Time < other.Time || (Time == other.Time && Order < other.Order);
    }

    public int Count => _runCount + _heapCount;

    /// <summary>The time of the first item, or the end of time where there is none.</summary>
    public long NextTime => Math.Min(
        _runCount > 0 ? _run[_head].Time : long.MaxValue, _heapCount > 0 ? _heap[0].Time : long.MaxValue);

    public void Push(long time, long order, int item)
    {
        var entry = new Entry(time, order, item);
        if (_runCount == 0 || !entry.IsBefore(_run[(_head + _runCount - 1) & (_run.Length - 1)]))
            Append(entry);
        else
            PushHeap(entry);
    }

    public Entry Pop()
    {
        if (_heapCount > 0 && (_runCount == 0 || _heap[0].IsBefore(_run[_head])))
            return PopHeap();
        var first = _run[_head];
        _head = (_head + 1) & (_run.Length - 1);
        _runCount--;
        return first;
    }

    /// <summary>All items, in no order.</summary>
    public IEnumerable<Entry> Items()
    {
        for (var i = 0; i < _runCount; i++)
            yield return _run[(_head + i) & (_run.Length - 1)];
        for (var i = 0; i < _heapCount; i++)
            yield return _heap[i];
    }

    public void Save(StateWriter writer)
    {
        writer.Int(Count);
        foreach (var entry in Items())
        {
            writer.Long(entry.Time);
            writer.Long(entry.Order);
            writer.Int(entry.Item);
        }
    }

    /// <summary>
    /// Reads items back, each under the number that <paramref name="map"/> gives for its old one; below 0: left out.
    /// </summary>
    public void Load(StateReader reader, Func<int, int> map)
    {
        for (var n = reader.Count(); n > 0; n--)
        {
            var (time, order, item) = (reader.Long(), reader.Long(), reader.Int());
            if (map(item) is >= 0 and var mapped)
                Push(time, order, mapped);
        }
    }

    private void Append(in Entry entry)
    {
        if (_runCount == _run.Length)
        {
            var run = new Entry[_run.Length * 2];
            for (var i = 0; i < _runCount; i++)
                run[i] = _run[(_head + i) & (_run.Length - 1)];
            _run = run;
            _head = 0;
        }

        _run[(_head + _runCount++) & (_run.Length - 1)] = entry;
    }

    private void PushHeap(in Entry entry)
    {
        if (_heapCount == _heap.Length)
            Array.Resize(ref _heap, _heapCount * 2);
        var at = _heapCount++;
        while (at > 0)
        {
            var parent = (at - 1) >> 1;
            if (!entry.IsBefore(_heap[parent]))
                break;
            _heap[at] = _heap[parent];
            at = parent;
        }

        _heap[at] = entry;
    }

    private Entry PopHeap()
    {
        var first = _heap[0];
        var last = _heap[--_heapCount];
        var at = 0;
        while (true)
        {
            var child = at * 2 + 1;
            if (child >= _heapCount)
                break;
            if (child + 1 < _heapCount && _heap[child + 1].IsBefore(_heap[child]))
                child++;
            if (!_heap[child].IsBefore(last))
                break;
            _heap[at] = _heap[child];
            at = child;
        }

        _heap[at] = last;
        return first;
    }
}
