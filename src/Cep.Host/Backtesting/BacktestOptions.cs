namespace Cep.Host.Backtesting;

/// <param name="FromMs">The earliest event time (ms since the epoch).</param>
/// <param name="ToMs">Event times before this (ms since the epoch).</param>
/// <param name="WarmUpMs">Events so much before (ms) go in too, and raise nothing: so that windows are full.</param>
/// <param name="Workers">Partitions of keys that run side by side.</param>
public sealed record BacktestOptions(
    long FromMs = long.MinValue, long ToMs = long.MaxValue, long WarmUpMs = 0, int Workers = 1);
