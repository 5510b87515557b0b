namespace Cep.Time;

/// <summary>
/// Items in order of time. What comes in order is appended to a sorted run in constant time; only what comes
/// out of order pays for a heap. So streams that are nearly sorted, and timers of one constant length, cost next to
/// nothing.
/// </summary>
internal sealed class TimeQueue<TEntry>
    where TEntry : struct, ITimed<TEntry>
{
    private TEntry[] _run = new TEntry[16];
    private int _head;
    private int _runCount;
    private TEntry[] _heap = new TEntry[16];
    private int _heapCount;

    public int Count => _runCount + _heapCount;

    /// <summary>The time of the first item, or the end of time where there is none.</summary>
    public long NextTime => Math.Min(
        _runCount > 0 ? _run[_head].Time : long.MaxValue, _heapCount > 0 ? _heap[0].Time : long.MaxValue);

    public void Push(TEntry entry)
    {
        if (_runCount == 0 || !entry.IsBefore(_run[(_head + _runCount - 1) & (_run.Length - 1)]))
            Append(entry);
        else
            PushHeap(entry);
    }

    public TEntry Pop()
    {
        if (_heapCount > 0 && (_runCount == 0 || _heap[0].IsBefore(_run[_head])))
            return PopHeap();
        var first = _run[_head];
        _head = (_head + 1) & (_run.Length - 1);
        _runCount--;
        return first;
    }

    /// <summary>All items, in no order.</summary>
    public IEnumerable<TEntry> Items()
    {
        for (var i = 0; i < _runCount; i++)
            yield return _run[(_head + i) & (_run.Length - 1)];
        for (var i = 0; i < _heapCount; i++)
            yield return _heap[i];
    }

    private void Append(in TEntry entry)
    {
        if (_runCount == _run.Length)
        {
            var run = new TEntry[_run.Length * 2];
            for (var i = 0; i < _runCount; i++)
                run[i] = _run[(_head + i) & (_run.Length - 1)];
            _run = run;
            _head = 0;
        }

        _run[(_head + _runCount++) & (_run.Length - 1)] = entry;
    }

    private void PushHeap(in TEntry entry)
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

    private TEntry PopHeap()
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
