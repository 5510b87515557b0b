namespace Cep.Events;

/// <summary>Values as people and other programs are shown them.</summary>
internal static class ShownValue
{
    private const long FirstMs = -62135596800000;
    private const long LastMs = 253402300799999;

    /// <summary>
    /// A timestamp as a DateTimeOffset (out of its range: the number), a duration as a TimeSpan, all else as it is.
    /// </summary>
    public static object? Of(object? value, DataType type) => (type, value) switch
    {
        (DataType.Timestamp, long ms and >= FirstMs and <= LastMs) => DateTimeOffset.FromUnixTimeMilliseconds(ms),
        (DataType.Duration, long ms and > long.MinValue / 10000 and < long.MaxValue / 10000) =>
            TimeSpan.FromTicks(ms * TimeSpan.TicksPerMillisecond),
        _ => value,
    };
}
