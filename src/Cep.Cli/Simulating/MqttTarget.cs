using Cep.Mqtt;
using Cep.Mqtt.Client;

namespace Cep.Cli.Simulating;

/// <summary>Publishes each event as a message of QoS 1, a number of them at a time.</summary>
internal sealed class MqttTarget : ISimulationTarget, IMqttReceiver
{
    private const int Underway = 512;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly TaskCompletionSource<string?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<Task> _publishing = new();
    private readonly MqttClient _client;
    private readonly Task _running;
    private readonly string _topic;
    private readonly TimeProvider _clock;

    /// <param name="target"><c>mqtt://[USER:PASSWORD@]HOST[:PORT][/TOPIC]</c>, or <c>mqtts://</c>.</param>
    /// <param name="stream">The topic where none is named.</param>
    /// <param name="clock">Measures silence and pauses.</param>
    /// <exception cref="CommandFailure">The broker can't be reached.</exception>
    public MqttTarget(Uri target, string stream, TimeProvider clock)
    {
        _clock = clock;
        var isSecure = target.Scheme == "mqtts";
        var path = Uri.UnescapeDataString(target.AbsolutePath.TrimStart('/'));
        _topic = path.Length > 0 ? path : stream;
        var user = target.UserInfo.Split(':', 2);
        var port = target.IsDefaultPort ? isSecure ? 8883 : 1883 : target.Port;
        _client = new MqttClient(
            new MqttConnectionOptions(target.IdnHost, port)
            {
                Username = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
                Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
                Tls = isSecure ? new MqttTls() : null,
            },
            clock);
        _running = RunAsync();
        if (_outcome.Task.GetAwaiter().GetResult() is not { } failure)
            return;
        Dispose();
        throw new CommandFailure($"{target.Scheme}://{target.Host}:{port}: {failure}");
    }

    public static bool Takes(string target) =>
        target.StartsWith("mqtt://", StringComparison.Ordinal)
        || target.StartsWith("mqtts://", StringComparison.Ordinal);

    public void Write(ReadOnlySpan<byte> json)
    {
        _publishing.Enqueue(_client.PublishAsync(new MqttPublication(_topic, json.ToArray()), _stop.Token));
        if (_publishing.Count > Underway)
            Wait(_publishing.Dequeue());
    }

    public void Flush()
    {
        while (_publishing.TryDequeue(out var one))
            Wait(one);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _running.Wait();
        _stop.Dispose();
    }

    void IMqttReceiver.OnConnected(bool sessionPresent) => _outcome.TrySetResult(null);

    void IMqttReceiver.OnDisconnected(string reason) => _outcome.TrySetResult(reason);

    bool IMqttReceiver.OnMessage(in MqttMessage message) => true;

    ValueTask IMqttReceiver.FlushAsync(CancellationToken stop) => ValueTask.CompletedTask;

    private void Wait(Task publishing)
    {
        try
        {
            publishing.WaitAsync(Limit, _clock).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            throw new CommandFailure($"the broker has not taken an event for {Limit.TotalSeconds:0} seconds");
        }
        catch (MqttRefusedException e)
        {
            throw new CommandFailure(e.Message);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await _client.RunAsync(this, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // disposed
        }
    }
}
