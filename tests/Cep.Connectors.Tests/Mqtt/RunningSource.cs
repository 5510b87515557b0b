using Cep.Connectors.Mqtt;
using Cep.Mqtt;
using Cep.Mqtt.Tests.Peers;

namespace Cep.Connectors.Tests.Mqtt;

/// <summary>A source that runs until the test stops it.</summary>
internal sealed class RunningSource : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly MqttSource _source;
    private readonly Task _running;

    public RunningSource(MqttSource source, Journal journal)
    {
        _source = source;
        _running = source.RunAsync(journal.Intake, _stop.Token);
    }

    /// <summary>Runs it until it has subscribed, as a message shows that comes through.</summary>
    public static async Task<RunningSource> StartAsync(MqttSource source, Journal journal, RunningClient? publisher)
    {
        var running = new RunningSource(source, journal);
        if (publisher is null)
            return running;
        using var done = new CancellationTokenSource();
        var probing = ProbeAsync(publisher, done.Token);
        Assert.Null(await journal.NextAsync("x"));
        await done.CancelAsync();
        await probing;

        // what the probes left behind is over once a last one is through
        await publisher.PublishAsync("ready/last", "{\"x\":0}", MqttQos.AtMostOnce);
        while (await journal.NextAsync("x") is null)
        {
        }

        return running;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _running.WaitAsync(Collector.Limit);
        }
        catch (OperationCanceledException)
        {
            // as it was told
        }

        _source.Dispose();
    }

    private static async Task ProbeAsync(RunningClient publisher, CancellationToken done)
    {
        try
        {
            while (!done.IsCancellationRequested)
            {
                await publisher.PublishAsync("ready/probe", "{}", MqttQos.AtMostOnce);
                await Task.Delay(20, done);
            }
        }
        catch (OperationCanceledException)
        {
            // one came through
        }
    }
}
