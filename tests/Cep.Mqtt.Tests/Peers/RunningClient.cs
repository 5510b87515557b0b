using System.Text;
using Cep.Mqtt.Client;

namespace Cep.Mqtt.Tests.Peers;

/// <summary>A client that runs until the test is over.</summary>
internal sealed class RunningClient : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public RunningClient(MqttConnectionOptions options, Collector? receiver = null)
    {
        Receiver = receiver ?? new Collector();
        Client = new MqttClient(options with { FirstPause = TimeSpan.FromMilliseconds(20) }, TimeProvider.System);
        Running = Client.RunAsync(Receiver, _stop.Token);
    }

    public MqttClient Client { get; }

    public Collector Receiver { get; }

    public Task Running { get; }

    /// <summary>Runs it until it is connected and has subscribed.</summary>
    public static async Task<RunningClient> StartAsync(MqttConnectionOptions options, Collector? receiver = null)
    {
        var client = new RunningClient(options, receiver);
        Assert.Contains(await client.Receiver.NextStateAsync(), (string[])["connected", "resumed"]);
        return client;
    }

    public Task PublishAsync(string topic, string text, MqttQos qos = MqttQos.AtLeastOnce, bool retain = false) =>
        Client.PublishAsync(
            new MqttPublication(topic, Encoding.UTF8.GetBytes(text)) { Qos = qos, Retain = retain }, _stop.Token)
            .WaitAsync(Collector.Limit);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await Running.WaitAsync(Collector.Limit);
        }
        catch (Exception e) when (e is OperationCanceledException or MqttRefusedException or IOException)
        {
            // as it was told
        }
    }
}
