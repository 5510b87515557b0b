using System.Buffers.Binary;
using Cep.Mqtt.Codec;

namespace Cep.Mqtt.Wire;

/// <summary>
/// The messages of one connection that wait for the application's acknowledgement, in the order in which they came: an
/// acknowledgement goes out when those before it have (MQTT 5.0, 4.6), together with all that can go with it.
/// </summary>
/// <param name="session">What outlives the connection.</param>
/// <param name="send">Takes the acknowledgements.</param>
/// <param name="limit">Messages that may wait.</param>
/// <param name="waits">Whether the peer is left waiting at the limit; else one message more is its error.</param>
internal sealed class ReceiptRing(InboundSession session, SendQueue send, int limit, bool waits) : IMqttAcknowledger
{
    private const int AckBytes = 4;
    private const int AcksAtOnce = 256;
    private Entry[] _entries = new Entry[16];
    private long _head;
    private long _tail;
    private TaskCompletionSource? _room;

    private enum State : byte
    {
        /// <summary>With the application.</summary>
        Pending,

        /// <summary>With the application by a receipt of an earlier connection.</summary>
        Elsewhere,
        Acknowledged,
    }

    private record struct Entry(ushort Id, bool ExactlyOnce, State State);

    private bool IsFull => Volatile.Read(ref _tail) - Volatile.Read(ref _head) >= limit;

    /// <summary>Whether nothing further may be read until some are acknowledged.</summary>
    public bool MustWait => waits && IsFull;

    /// <summary>Done when there is room for another message.</summary>
    public Task RoomAsync()
    {
        lock (session.Lock)
        {
            if (!IsFull)
                return Task.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>Notes a message that takes an acknowledgement.</summary>
    /// <returns>The number of its receipt, or -1 where the application has had it before.</returns>
    /// <exception cref="MqttProtocolException">The peer was told how many it may send; this is one more.</exception>
    public long Add(ushort id, MqttQos qos)
    {
        lock (session.Lock)
        {
            if (IsFull && !waits)
                throw new MqttProtocolException(
                    ReasonCode.ReceiveMaximumExceeded, $"more than {limit} messages that are not acknowledged");
            if (qos == MqttQos.AtLeastOnce)
                return Push(new Entry(id, false, State.Pending));
            if (session.StateOf(id) is { } taken)
            {
                Push(new Entry(id, true, taken ? State.Acknowledged : State.Elsewhere));
                Send();
                return -1;
            }

            session.Received(id);
            return Push(new Entry(id, true, State.Pending));
        }
    }

    public void Acknowledge(long first, long last)
    {
        lock (session.Lock)
        {
            for (var number = Math.Max(first, _head); number <= Math.Min(last, _tail - 1); number++)
            {
                ref var entry = ref At(number);
                if (entry.State != State.Pending)
                    continue;
                entry.State = State.Acknowledged;
                if (entry.ExactlyOnce)
                    session.Taken(entry.Id, this);
            }

            Send();
        }
    }

    /// <summary>A receipt of an earlier connection was acknowledged.</summary>
    public void TakenElsewhere(ushort id)
    {
        for (var number = _head; number < _tail; number++)
        {
            ref var entry = ref At(number);
            if (entry.Id == id && entry.State == State.Elsewhere)
                entry.State = State.Acknowledged;
        }

        Send();
    }

    private ref Entry At(long number) => ref _entries[number & (_entries.Length - 1)];

    private long Push(Entry entry)
    {
        if (_tail - _head == _entries.Length)
            Grow();
        At(_tail) = entry;
        return _tail++;
    }

    private void Grow()
    {
        var entries = new Entry[_entries.Length * 2];
        for (var number = _head; number < _tail; number++)
            entries[number & (entries.Length - 1)] = At(number);
        _entries = entries;
    }

    private void Send()
    {
        Span<byte> acks = stackalloc byte[AckBytes * AcksAtOnce];
        while (_head < _tail && At(_head).State == State.Acknowledged)
        {
            var count = 0;
            while (count < AcksAtOnce && _head < _tail && At(_head) is { State: State.Acknowledged } entry)
            {
                var ack = acks.Slice(AckBytes * count++, AckBytes);
                ack[0] = (byte)((int)(entry.ExactlyOnce ? PacketType.Pubrec : PacketType.Puback) << 4);
                ack[1] = 2;
                BinaryPrimitives.WriteUInt16BigEndian(ack[2..], entry.Id);
                _head++;
            }

            send.Append(acks[..(AckBytes * count)]);
        }

        if (_room is { } room && !IsFull)
        {
            _room = null;
            room.TrySetResult();
        }
    }
}
