namespace Cep.Connectors.Tests;

/// <summary>A source that runs until the test lets go of it.</summary>
internal sealed class SourceRun : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _task;

    public SourceRun(ISource source, Taker taker) => _task = source.RunAsync(taker.Intake, _stop.Token);

    /// <summary>Waits until the source ends by itself.</summary>
    public Task EndAsync() => _task.WaitAsync(Taker.Limit);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _task.WaitAsync(Taker.Limit);
        }
        catch (OperationCanceledException)
        {
            // stopped
        }

        _stop.Dispose();
    }
}
