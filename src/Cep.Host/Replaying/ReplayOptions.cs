namespace Cep.Host.Replaying;

/// <param name="Inputs">What is replayed.</param>
/// <param name="Speed">How much faster than the events' own time; 0: as fast as it goes.</param>
/// <param name="UntilMs">Events from this time on (ms since the epoch) are left out, and the clock stops there.</param>
/// <param name="Workers">Partitions of keys that run side by side.</param>
public sealed record ReplayOptions(
    IReadOnlyList<ReplayInput> Inputs, double Speed = 0, long UntilMs = long.MaxValue, int Workers = 1);
