namespace Cep.Mqtt.Wire;

/// <summary>Pauses between attempts: each twice the one before up to a limit, less up to a half at random, so that
/// clients of one broker do not all come back at once.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, TimeProvider clock)
{
    private TimeSpan? _next;

    public void Reset() => _next = null;

    public Task PauseAsync(CancellationToken stop)
    {
        var full = _next ?? first;
        var pause = full * (1 - Random.Shared.NextDouble() / 2);
        _next = full * 2 < longest ? full * 2 : longest;
        return Task.Delay(pause, clock, stop);
    }
}
