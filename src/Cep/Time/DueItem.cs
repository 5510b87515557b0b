using System.Reactive.Concurrency;
using System.Reactive.Disposables;

namespace Cep.Time;

/// <summary>
/// What a scheduler is to run at a time. It knows its place in the heap, so that cancelling it takes it out.
/// </summary>
internal abstract class DueItem(EventTimeScheduler scheduler, DateTimeOffset dueTime)
    : IScheduledItem<DateTimeOffset>, IDisposable
{
    private IDisposable? _running;
    private bool _cancelled;

    public DateTimeOffset DueTime { get; set; } = dueTime;

    /// <summary>How long after the first event it is due, where there is no clock yet.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>Items of one time run in the order in which they were scheduled.</summary>
    public long Order { get; set; }

    /// <summary>Its place in the heap; -1: it is not there.</summary>
    public int Slot { get; set; } = -1;

    public bool IsBefore(DueItem other) =>
        DueTime < other.DueTime || (DueTime == other.DueTime && Order < other.Order);

    /// <summary>Leaves the heap and runs.</summary>
    public void Invoke()
    {
        scheduler.Cancel(this);
        var running = Run(scheduler);
        if (_cancelled)
            running.Dispose();
        else
            _running = running;
    }

    /// <summary>Cancels it; what it started is disposed of where it has run.</summary>
    public void Dispose()
    {
        if (_cancelled)
            return;
        _cancelled = true;
        scheduler.Cancel(this);
        _running?.Dispose();
        _running = Disposable.Empty;
    }

    protected abstract IDisposable Run(IScheduler scheduler);
}

internal sealed class DueItem<TState>(
    EventTimeScheduler scheduler, TState state, Func<IScheduler, TState, IDisposable> action, DateTimeOffset dueTime)
    : DueItem(scheduler, dueTime)
{
    protected override IDisposable Run(IScheduler scheduler) => action(scheduler, state);
}
