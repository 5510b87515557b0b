using System.Reactive.Concurrency;

namespace Cep.Time;

/// <summary>
/// A scheduler whose clock is event time: a watermark moves it, and nothing else. What is due at T runs when the
/// watermark passes T, after all events with time up to T. It stands wherever System.Reactive takes an
/// <see cref="IScheduler"/>. Not thread-safe: one thread, as a partition has.
/// </summary>
/// <remarks>
/// Other than System.Reactive's own virtual-time schedulers it forgets what is cancelled at once, goes on after an
/// exception, and runs work for the present instant without waiting for a later one. Work that is scheduled after some
/// time, before there is a clock, counts from the first event.
/// </remarks>
public sealed class EventTimeScheduler : HistoricalSchedulerBase, IScheduler
{
    private readonly List<DueItem> _beforeStart = [];
    private DueItem[] _heap = new DueItem[16];
    private long _scheduled;
    private bool _running;

    /// <summary>
    /// A scheduler whose clock starts with the first call of <see cref="Advance"/> or <see cref="RunUntil"/>.
    /// </summary>
    public EventTimeScheduler()
        : base(DateTimeOffset.MinValue)
    {
    }

    /// <summary>A scheduler whose clock stands at a time, such as that of a checkpoint.</summary>
    public EventTimeScheduler(DateTimeOffset now)
        : base(now) => HasStarted = true;

    /// <summary>False until the first event has set the clock.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>How many items wait. What was cancelled is not among them.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Moves the watermark: what is due before it runs, each item at its own time; then the clock stands at the
    /// watermark. What is due at that very time waits, because events of that time may still come. A watermark behind
    /// the clock changes nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">An item that is running called it.</exception>
    public void Advance(DateTimeOffset watermark) => Run(watermark, inclusive: false);

    /// <summary>
    /// Runs what is due up to a time, that time included, and what is scheduled for then meanwhile; then the clock
    /// stands there. An exception of an item passes through; the items after it stay and run with the next call.
    /// </summary>
    /// <exception cref="InvalidOperationException">An item that is running called it.</exception>
    public void RunUntil(DateTimeOffset time) => Run(time, inclusive: true);

    /// <summary>The same as <see cref="RunUntil"/>.</summary>
    public new void AdvanceTo(DateTimeOffset time) => RunUntil(time);

    /// <summary>Runs what is due within a time from now.</summary>
    public new void AdvanceBy(TimeSpan time) => RunUntil(Clock + time);

    /// <summary>Runs everything, in order of time; work that schedules itself again for ever never ends this.</summary>
    public new void Start()
    {
        while (Count > 0 || _beforeStart.Count > 0)
            RunUntil(Count > 0 ? Later(_heap[0].DueTime, Clock) : Clock);
    }

    /// <inheritdoc/>
    public override IDisposable ScheduleAbsolute<TState>(
        TState state, DateTimeOffset dueTime, Func<IScheduler, TState, IDisposable> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        var item = new DueItem<TState>(this, state, action, dueTime);
        Push(item);
        return item;
    }

    IDisposable IScheduler.Schedule<TState>(TState state, Func<IScheduler, TState, IDisposable> action) =>
        After(state, TimeSpan.Zero, action);

    IDisposable IScheduler.Schedule<TState>(
        TState state, TimeSpan dueTime, Func<IScheduler, TState, IDisposable> action) => After(state, dueTime, action);

    /// <inheritdoc/>
    protected override IScheduledItem<DateTimeOffset>? GetNext() => Count > 0 ? _heap[0] : null;

    internal void Cancel(DueItem item)
    {
        if (item.Slot >= 0)
            RemoveAt(item.Slot);
        else
            _beforeStart.Remove(item);
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private IDisposable After<TState>(TState state, TimeSpan wait, Func<IScheduler, TState, IDisposable> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
        if (HasStarted)
            return ScheduleAbsolute(state, Plus(Clock, wait), action);
        var item = new DueItem<TState>(this, state, action, DateTimeOffset.MinValue) { Wait = wait };
        _beforeStart.Add(item);
        return item;
    }

    private static DateTimeOffset Plus(DateTimeOffset time, TimeSpan wait) =>
        DateTimeOffset.MaxValue - time < wait ? DateTimeOffset.MaxValue : time + wait;

    private void Run(DateTimeOffset limit, bool inclusive)
    {
        if (_running)
            throw new InvalidOperationException(
                "The clock cannot be moved by an item that it runs: schedule another item instead.");
        _running = true;
        try
        {
            StartAt(limit);
            while (Count > 0 && (_heap[0].DueTime < limit || (inclusive && _heap[0].DueTime == limit)))
            {
                Clock = Later(Clock, _heap[0].DueTime);
                _heap[0].Invoke();
            }

            Clock = Later(Clock, limit);
        }
        finally
        {
            _running = false;
        }
    }

    private void StartAt(DateTimeOffset first)
    {
        if (HasStarted)
            return;
        HasStarted = true;
        Clock = first;
        foreach (var item in _beforeStart)
        {
            item.DueTime = Plus(first, item.Wait);
            Push(item);
        }

        _beforeStart.Clear();
    }

    private void Push(DueItem item)
    {
        if (Count == _heap.Length)
            Array.Resize(ref _heap, Count * 2);
        item.Order = _scheduled++;
        Up(Count++, item);
    }

    private void RemoveAt(int slot)
    {
        _heap[slot].Slot = -1;
        var last = _heap[--Count];
        _heap[Count] = null!;
        if (slot == Count)
            return;
        Down(slot, last);
        if (last.Slot == slot)
            Up(slot, last);
    }

    private void Up(int at, DueItem item)
    {
        while (at > 0 && item.IsBefore(_heap[(at - 1) >> 1]))
        {
            Put(at, _heap[(at - 1) >> 1]);
            at = (at - 1) >> 1;
        }

        Put(at, item);
    }

    private void Down(int at, DueItem item)
    {
        while (true)
        {
            var child = at * 2 + 1;
            if (child >= Count)
                break;
            if (child + 1 < Count && _heap[child + 1].IsBefore(_heap[child]))
                child++;
            if (!_heap[child].IsBefore(item))
                break;
            Put(at, _heap[child]);
            at = child;
        }

        Put(at, item);
    }

    private void Put(int at, DueItem item)
    {
        _heap[at] = item;
        item.Slot = at;
    }
}
