namespace Cep.Connectors.Webhooks;

/// <summary>Lets so many through in a second, evenly, in the order they came. Any thread.</summary>
internal sealed class Pace(double perSecond, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly TimeSpan _between = TimeSpan.FromSeconds(1 / perSecond);
    private DateTimeOffset _next = DateTimeOffset.MinValue;

    public Task WaitAsync(CancellationToken stop)
    {
        TimeSpan wait;
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            _next = _next > now ? _next : now;
            wait = _next - now;
            _next += _between;
        }

        return wait > TimeSpan.Zero ? Task.Delay(wait, clock, stop) : Task.CompletedTask;
    }
}
