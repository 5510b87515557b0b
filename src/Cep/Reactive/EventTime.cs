namespace Cep.Reactive;

/// <summary>The engine's milliseconds as times of .NET, which end sooner.</summary>
internal static class EventTime
{
    private static readonly long s_firstMs = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long s_lastMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public static DateTimeOffset Of(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(ms, s_firstMs, s_lastMs));

    public static TimeSpan Span(long ms) => TimeSpan.FromTicks(
        Math.Clamp(ms, long.MinValue / TimeSpan.TicksPerMillisecond, long.MaxValue / TimeSpan.TicksPerMillisecond)
        * TimeSpan.TicksPerMillisecond);

    /// <summary>True for times that .NET has: what is due later never comes.</summary>
    public static bool Has(long ms) => ms <= s_lastMs;
}
