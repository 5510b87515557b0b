using System.Threading.Channels;
using Cep.Mqtt;
using MQTTnet;
using MQTTnet.Exceptions;

namespace Cep.MqttNet;

/// <summary>
/// The messages of one connection that wait for the application's acknowledgement; it is sent in the order in which
/// they came (MQTT 5.0, 4.6).
/// </summary>
internal sealed class MqttNetAcknowledgements : IMqttAcknowledger
{
    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = new();
    private readonly Channel<MqttApplicationMessageReceivedEventArgs> _ready =
        Channel.CreateUnbounded<MqttApplicationMessageReceivedEventArgs>();

    private long _head;

    private sealed class Waiting(MqttApplicationMessageReceivedEventArgs message)
    {
        public MqttApplicationMessageReceivedEventArgs Message { get; } = message;

        public bool IsAcknowledged { get; set; }
    }

    /// <summary>Notes a message; gives its number.</summary>
    public long Add(MqttApplicationMessageReceivedEventArgs message)
    {
        lock (_lock)
        {
            _waiting.Enqueue(new Waiting(message));
            return _head + _waiting.Count - 1;
        }
    }

    public void Acknowledge(long first, long last)
    {
        lock (_lock)
        {
            var number = _head;
            foreach (var waiting in _waiting)
            {
                if (number > last)
                    break;
                waiting.IsAcknowledged |= number++ >= first;
            }

            while (_waiting.TryPeek(out var next) && next.IsAcknowledged)
            {
                _ready.Writer.TryWrite(_waiting.Dequeue().Message);
                _head++;
            }
        }
    }

    /// <summary>Sends what is acknowledged, until the connection ends.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        try
        {
            await foreach (var message in _ready.Reader.ReadAllAsync(end))
                await message.AcknowledgeAsync(end);
        }
        catch (Exception e) when (e is OperationCanceledException or MqttCommunicationException)
        {
            // the connection has ended: what is not acknowledged comes again
        }
    }
}
