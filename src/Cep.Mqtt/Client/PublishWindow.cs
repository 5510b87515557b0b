using System.Text;
using Cep.Mqtt.Codec;
using Cep.Mqtt.Wire;

namespace Cep.Mqtt.Client;

/// <summary>
/// The messages of QoS 1 and 2 that are being published: in the order of the calls, never more at a time than the
/// broker takes, sent again in their order after a new connection (MQTT 5.0, 4.4).
/// </summary>
internal sealed class PublishWindow
{
    /// <summary>Calls that wait for their turn, in order; further ones wait for a place without one.</summary>
    private const int MaxWaiting = 1 << 16;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _room = new(MaxWaiting);
    private readonly Stack<ushort> _ids;
    private readonly Outgoing?[] _byId;
    private readonly Queue<Outgoing> _waiting = new();
    private Link? _link;
    private int _quota;
    private int _sent;
    private long _order;

    public PublishWindow(int maximum)
    {
        _ids = new Stack<ushort>(Enumerable.Range(1, maximum).Reverse().Select(i => (ushort)i));
        _byId = new Outgoing?[maximum + 1];
    }

    private sealed class Outgoing(MqttPublication message, byte[] topic)
    {
        public MqttPublication Message { get; } = message;

        public byte[] Topic { get; } = topic;

        public long Order { get; set; }

        /// <summary>0 until it is sent.</summary>
        public ushort Id { get; set; }

        /// <summary>The broker has it (PUBREC); now it must only let go of the id.</summary>
        public bool IsReceived { get; set; }

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public async Task PublishAsync(MqttPublication message, CancellationToken stop)
    {
        var outgoing = new Outgoing(message, Encoding.UTF8.GetBytes(message.Topic));
        if (!_room.Wait(0, CancellationToken.None))
            await _room.WaitAsync(stop);
        lock (_lock)
        {
            _waiting.Enqueue(outgoing);
            SendWaiting();
        }

        await outgoing.Done.Task.WaitAsync(stop);
    }

    /// <summary>A connection stands: what is under way goes out again.</summary>
    /// <param name="link">The connection.</param>
    /// <param name="quota">How many unacknowledged messages the broker takes.</param>
    /// <param name="sessionPresent">Whether it knows of those that were sent before.</param>
    public void Resume(Link link, int quota, bool sessionPresent)
    {
        lock (_lock)
        {
            _link = link;
            _quota = quota;
            _sent = 0;
            foreach (var outgoing in _byId.OfType<Outgoing>().OrderBy(o => o.Order).ToList())
            {
                if (!outgoing.IsReceived || sessionPresent)
                    SendAgain(outgoing, sessionPresent);
                else
                    Complete(outgoing, null);
            }

            SendWaiting();
        }
    }

    public void Suspend()
    {
        lock (_lock)
            _link = null;
    }

    public void Acknowledged(AckPacket ack)
    {
        lock (_lock)
        {
            var outgoing = ack.PacketId < _byId.Length ? _byId[ack.PacketId] : null;
            var refused = (byte)ack.Reason >= 0x80;
            if (outgoing is null)
            {
                if (ack.Type == PacketType.Pubrec && !refused)
                    _link?.Write(new AckPacket(PacketType.Pubrel, ack.PacketId, ReasonCode.PacketIdNotFound));
                return;
            }

            if (ack.Type == PacketType.Pubrec && !refused)
            {
                outgoing.IsReceived = true;
                _link?.Write(new AckPacket(PacketType.Pubrel, ack.PacketId, ReasonCode.Success));
                return;
            }

            // a broker that has forgotten the id at PUBREL had the message
            var failed = refused && !(ack.Type == PacketType.Pubcomp && outgoing.IsReceived);
            _sent--;
            Complete(outgoing, failed ? ack.Reason : null);
            SendWaiting();
        }
    }

    private void Complete(Outgoing outgoing, ReasonCode? refusal)
    {
        _byId[outgoing.Id] = null;
        _ids.Push(outgoing.Id);
        _room.Release();
        if (refusal is { } reason)
            outgoing.Done.TrySetException(new MqttRefusedException(
                reason, $"the broker refused a message to '{outgoing.Message.Topic}': {reason}"));
        else
            outgoing.Done.TrySetResult();
    }

    private void SendAgain(Outgoing outgoing, bool isRepeated)
    {
        _sent++;
        if (outgoing.IsReceived)
            _link!.Write(new AckPacket(PacketType.Pubrel, outgoing.Id, ReasonCode.Success));
        else
            Send(outgoing, isRepeated);
    }

    private void SendWaiting()
    {
        while (_link is not null && _sent < _quota && _waiting.TryDequeue(out var outgoing))
        {
            _sent++;
            outgoing.Id = _ids.Pop();
            outgoing.Order = _order++;
            _byId[outgoing.Id] = outgoing;
            Send(outgoing, isRepeated: false);
        }
    }

    private void Send(Outgoing outgoing, bool isRepeated) => _link!.Publish(
        outgoing.Topic, outgoing.Message.Payload.Span, outgoing.Message.Qos, outgoing.Message.Retain, isRepeated,
        outgoing.Id);
}
