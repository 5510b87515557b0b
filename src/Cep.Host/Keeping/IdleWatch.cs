using System.Buffers.Binary;
using Cep.Plans;
using Cep.Storage;

namespace Cep.Host.Keeping;

/// <summary>
/// Finds by the wall clock which streams have gone silent. What it finds is told to the engine as entries, so that a
/// replay is told the same; <see cref="Playback"/> acts on them.
/// </summary>
internal sealed class IdleWatch
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private readonly TimeProvider _clock;
    private Dictionary<string, Watch> _watches = [];

    private sealed class Watch(TimeSpan limit, long last)
    {
        public TimeSpan Limit { get; } = limit;

        public long Last { get; set; } = last;

        public bool IsIdle { get; set; }

        /// <summary>When an entry was last made for it.</summary>
        public long Told { get; set; }
    }

    public IdleWatch(EnginePlan plan, TimeProvider clock)
    {
        _clock = clock;
        Use(plan);
    }

    /// <summary>Watches the streams of other rules; those that are watched alike go on.</summary>
    public void Use(EnginePlan plan)
    {
        var before = _watches;
        _watches = plan.Streams.Where(s => s.IdleMs > 0 && !s.Derived).ToDictionary(
            s => s.Schema.Name,
            s => before.TryGetValue(s.Schema.Name, out var watch) && watch.Limit.TotalMilliseconds == s.IdleMs
                ? watch
                : new Watch(TimeSpan.FromMilliseconds(s.IdleMs), _clock.GetTimestamp()),
            StringComparer.Ordinal);
    }

    /// <summary>Events of the stream have come.</summary>
    public void Seen(string stream)
    {
        if (!_watches.TryGetValue(stream, out var watch))
            return;
        watch.Last = _clock.GetTimestamp();
        watch.IsIdle = false;
    }

    /// <summary>Tells what is silent by now.</summary>
    /// <param name="tell">Takes kind, stream and body of an entry.</param>
    /// <returns>How long it takes until there can be more to tell, or infinite.</returns>
    public TimeSpan Check(Action<string, string, byte[]> tell)
    {
        var next = Timeout.InfiniteTimeSpan;
        foreach (var (stream, watch) in _watches)
        {
            var left = watch.IsIdle
                ? Beat - _clock.GetElapsedTime(watch.Told)
                : watch.Limit - _clock.GetElapsedTime(watch.Last);
            if (left <= TimeSpan.Zero)
            {
                if (!watch.IsIdle)
                    tell(RecordKind.Idle, stream, []);
                watch.IsIdle = true;
                watch.Told = _clock.GetTimestamp();
                tell(RecordKind.Silence, stream, Milliseconds(_clock.GetElapsedTime(watch.Last)));
                left = Beat;
            }

            if (next == Timeout.InfiniteTimeSpan || left < next)
                next = left;
        }

        return next;
    }

    private static byte[] Milliseconds(TimeSpan elapsed)
    {
        var body = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(body, (long)elapsed.TotalMilliseconds);
        return body;
    }
}
