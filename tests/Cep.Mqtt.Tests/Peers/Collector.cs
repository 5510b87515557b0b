using System.Text;
using System.Threading.Channels;

namespace Cep.Mqtt.Tests.Peers;

/// <summary>Keeps what it receives, to be looked at one after another.</summary>
internal sealed class Collector(bool acknowledges = true) : IMqttReceiver
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private readonly Channel<Received> _messages = Channel.CreateUnbounded<Received>();
    private readonly Channel<string> _states = Channel.CreateUnbounded<string>();

    internal sealed record Received(
        string Topic, string Text, MqttQos Qos, bool Retain, bool Duplicate, ushort Id, MqttReceipt Receipt);

    /// <summary>When set, flushing waits for it: the engine takes nothing.</summary>
    public TaskCompletionSource? Blocked { get; set; }

    /// <summary>"connected", "resumed", or why not.</summary>
    public Task<string> NextStateAsync() => _states.Reader.ReadAsync().AsTask().WaitAsync(Limit);

    public Task<Received> NextAsync() => _messages.Reader.ReadAsync().AsTask().WaitAsync(Limit);

    public bool TryNext(out Received? message) => _messages.Reader.TryRead(out message);

    public void OnConnected(bool sessionPresent) => _states.Writer.TryWrite(sessionPresent ? "resumed" : "connected");

    public void OnDisconnected(string reason) => _states.Writer.TryWrite(reason);

    public bool OnMessage(in MqttMessage message)
    {
        _messages.Writer.TryWrite(new Received(
            Encoding.UTF8.GetString(message.Topic), Encoding.UTF8.GetString(message.Payload), message.Qos,
            message.Retain, message.Duplicate, message.PacketId, message.Receipt));
        if (acknowledges)
            message.Receipt.Acknowledge();
        return true;
    }

    public async ValueTask FlushAsync(CancellationToken stop)
    {
        if (Blocked is { } blocked)
            await blocked.Task.WaitAsync(stop);
    }
}
