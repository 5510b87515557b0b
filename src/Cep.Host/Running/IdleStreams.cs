
namespace Cep.Host.Running;

/// <summary>Tells the engine which streams have gone silent, so that they hold no clock back.</summary>
internal sealed class IdleStreams
{
    private readonly Engine _engine;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, Watch> _watches;

    private sealed class Watch(TimeSpan limit, long last)
    {
        public TimeSpan Limit { get; } = limit;

        public long Last { get; set; } = last;

        public bool IsIdle { get; set; }
    }

    public IdleStreams(Engine engine, TimeProvider clock)
    {
        _engine = engine;
        _clock = clock;
        _watches = engine.Plan.Streams.Where(s => s.IdleMs > 0 && !s.Derived).ToDictionary(
            s => s.Schema.Name, s => new Watch(TimeSpan.FromMilliseconds(s.IdleMs), clock.GetTimestamp()), StringComparer.Ordinal);
    }

    /// <summary>An event of the stream has come.</summary>
    public void Seen(string stream)
    {
        if (!_watches.TryGetValue(stream, out var watch))
            return;
        watch.Last = _clock.GetTimestamp();
        if (watch.IsIdle)
            _engine.SetIdle(stream, false);
        watch.IsIdle = false;
    }

    /// <summary>Sets aside what is silent by now.</summary>
    /// <returns>How long it takes until a stream can be the next, or infinite.</returns>
    public TimeSpan Check()
    {
        var next = Timeout.InfiniteTimeSpan;
        foreach (var (stream, watch) in _watches)
        {
            if (watch.IsIdle)
                continue;
            var left = watch.Limit - _clock.GetElapsedTime(watch.Last);
            if (left <= TimeSpan.Zero)
            {
                watch.IsIdle = true;
                _engine.SetIdle(stream, true);
            }
            else if (next == Timeout.InfiniteTimeSpan || left < next)
            {
                next = left;
            }
        }

        return next;
    }
}
