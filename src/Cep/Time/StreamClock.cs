using Cep.State;

namespace Cep.Time;

/// <summary>
/// The watermark of a stream: its largest event time less <c>out_of_order</c>, or what was promised beyond that.
/// Nothing earlier is expected any more. All times in milliseconds.
/// </summary>
internal sealed class StreamClock(long outOfOrderMs)
{
    /// <summary>The watermark before the first event.</summary>
    public const long Beginning = long.MinValue;

    /// <summary>The watermark at the end of the input.</summary>
    public const long EndOfTime = long.MaxValue;

    public long WatermarkMs { get; private set; } = Beginning;

    /// <summary>The largest event time seen.</summary>
    public long LatestMs { get; private set; } = Beginning;

    public bool Idle { get; set; }

    public void Observe(long timeMs)
    {
        if (timeMs <= LatestMs)
            return;
        LatestMs = timeMs;
        Advance(Saturating(timeMs, -outOfOrderMs));
    }

    public void Advance(long watermarkMs) => WatermarkMs = Math.Max(WatermarkMs, watermarkMs);

    /// <summary>A sum that stops at the ends of time instead of wrapping.</summary>
    public static long Saturating(long timeMs, long plusMs)
    {
        var sum = unchecked(timeMs + plusMs);
        if (((timeMs ^ sum) & (plusMs ^ sum)) < 0)
            return plusMs < 0 ? long.MinValue : long.MaxValue;
        return sum;
    }

    public void Save(StateWriter writer)
    {
        writer.Long(WatermarkMs);
        writer.Long(LatestMs);
        writer.Bool(Idle);
    }

    public void Load(StateReader reader)
    {
        WatermarkMs = reader.Long();
        LatestMs = reader.Long();
        Idle = reader.Bool();
    }
}
