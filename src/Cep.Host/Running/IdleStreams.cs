namespace Cep.Host.Running;

/// <summary>
/// Tells the engine which streams have gone silent, so that they hold no clock back. While a stream is silent its own
/// watermark goes on with the wall clock: else nothing could say that all its devices are.
/// </summary>
internal sealed class IdleStreams
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private readonly Engine _engine;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, Watch> _watches;

    private sealed class Watch(TimeSpan limit, long last)
    {
        public TimeSpan Limit { get; } = limit;

        public long Last { get; set; } = last;

        public bool IsIdle { get; set; }

        /// <summary>The watermark when the last event came, ms.</summary>
        public long WatermarkMs { get; set; }
    }

    public IdleStreams(Engine engine, TimeProvider clock)
    {
        _engine = engine;
        _clock = clock;
        _watches = engine.Plan.Streams.Where(s => s.IdleMs > 0 && !s.Derived).ToDictionary(
            s => s.Schema.Name,
            s => new Watch(TimeSpan.FromMilliseconds(s.IdleMs), clock.GetTimestamp()),
            StringComparer.Ordinal);
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
            {
                PassTime(stream, watch);
                next = Beat;
                continue;
            }

            var left = watch.Limit - _clock.GetElapsedTime(watch.Last);
            if (left <= TimeSpan.Zero)
            {
                watch.IsIdle = true;
                watch.WatermarkMs = _engine.WatermarkMs(stream);
                _engine.SetIdle(stream, true);
                PassTime(stream, watch);
                next = Beat;
            }
            else if (next == Timeout.InfiniteTimeSpan || left < next)
            {
                next = left;
            }
        }

        return next;
    }

    private void PassTime(string stream, Watch watch)
    {
        if (watch.WatermarkMs != long.MinValue)
            _engine.Advance(stream, watch.WatermarkMs + (long)_clock.GetElapsedTime(watch.Last).TotalMilliseconds);
    }
}
