namespace Cep.Storage.Tests.Keeping;

/// <summary>A clock that stands still until it is told to go on; its timers fire on the way.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private long _ticks = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _timers.Count;
        }
    }

    public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public void Advance(TimeSpan by)
    {
        List<ManualTimer> due;
        lock (_lock)
        {
            Interlocked.Add(ref _ticks, by.Ticks);
            due = [.. _timers.Where(t => t.DueTicks <= _ticks)];
            _timers.RemoveAll(t => t.DueTicks <= _ticks);
        }

        due.ForEach(t => t.Fire());
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private void Set(ManualTimer timer, TimeSpan due)
    {
        lock (_lock)
        {
            _timers.Remove(timer);
            timer.DueTicks = _ticks + due.Ticks;
            if (due != Timeout.InfiniteTimeSpan)
                _timers.Add(timer);
        }
    }

    private sealed class ManualTimer(ManualClock clock, Action fire) : ITimer
    {
        public long DueTicks { get; set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock.Set(this, dueTime);
            return true;
        }

        public void Dispose() => clock.Set(this, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
