using System.Buffers;
using System.IO.Pipelines;
using Cep.Mqtt.Codec;

namespace Cep.Mqtt.Wire;

/// <summary>Takes a packet that is not of the flow of messages in; its bytes are good during the call.</summary>
internal delegate void PacketTaker(byte header, ReadOnlySpan<byte> body);

/// <summary>One connection, of a client or of a listener: packets in, bytes out, and how it ends.</summary>
internal sealed class Link : IDisposable
{
    private const int ReadBytes = 1 << 17;
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);
    private readonly Stream _stream;
    private readonly PipeReader _reader;
    private readonly TimeProvider _clock;
    private readonly MqttLimits _limits;
    private readonly CancellationTokenSource _end;
    private readonly CancellationToken _stop;
    private readonly PacketWriter _writer;
    private readonly byte[]?[] _aliases;
    private byte[] _straddling = [];
    private Exception? _failure;
    private long _lastPacket;
    private bool _busy;
    private bool _finished;

    /// <param name="stream">The connection's bytes; belongs to the link from now on.</param>
    /// <param name="reader">What reads them already, or null.</param>
    /// <param name="version">What is spoken.</param>
    /// <param name="limits">What is taken at most.</param>
    /// <param name="topicAliases">How many aliases for topics the peer may use.</param>
    /// <param name="clock">Measures silence.</param>
    /// <param name="stop">Ends the link.</param>
    public Link(
        Stream stream, PipeReader? reader, MqttVersion version, MqttLimits limits, int topicAliases,
        TimeProvider clock, CancellationToken stop)
    {
        _stream = stream;
        _reader = reader ?? Open(stream);
        _clock = clock;
        _limits = limits;
        _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        End = _end.Token;
        _stop = stop;
        _writer = new PacketWriter(version);
        _aliases = new byte[topicAliases + 1][];
        _lastPacket = clock.GetTimestamp();
        Version = version;
        Send = new SendQueue(stream, Math.Max(1 << 20, limits.PacketBytes * 2), clock, Fail);
    }

    public MqttVersion Version { get; }

    public SendQueue Send { get; }

    /// <summary>Whether messages may name the subscription they are for: a broker's may.</summary>
    public bool TakesSubscriptionIds { get; init; } = true;

    /// <summary>Cancelled when the link ends, for whatever reason.</summary>
    public CancellationToken End { get; }

    /// <summary>How long nothing has come although it was waited for; zero while the receiver is busy.</summary>
    public TimeSpan Silence =>
        Volatile.Read(ref _busy) ? TimeSpan.Zero : _clock.GetElapsedTime(Volatile.Read(ref _lastPacket));

    public static PipeReader Open(Stream stream) => PipeReader.Create(stream, new StreamPipeReaderOptions(
        bufferSize: ReadBytes, minimumReadSize: ReadBytes / 8, leaveOpen: true, useZeroByteReads: true));

    /// <summary>Reads one packet, the first of a connection, which nothing else follows yet.</summary>
    /// <exception cref="EndOfStreamException">The connection ended before.</exception>
    /// <exception cref="MqttProtocolException">It is malformed.</exception>
    public static async Task<MqttPacket> ReadFirstAsync(
        PipeReader reader, MqttVersion version, MqttLimits limits, CancellationToken stop)
    {
        while (true)
        {
            var read = await reader.ReadAsync(stop);
            var buffer = read.Buffer;
            if (Frame.TryHeader(buffer, limits.PacketBytes, strict: false, out var header, out var total)
                && buffer.Length >= total)
            {
                var bytes = buffer.Slice(0, total).ToArray();
                reader.AdvanceTo(buffer.GetPosition(total));
                return PacketParser.Parse(bytes[0], bytes.AsSpan(header), version, limits);
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                throw new EndOfStreamException("the peer closed the connection");
        }
    }

    public Task<MqttPacket> ReadFirstAsync(CancellationToken stop) => ReadFirstAsync(_reader, Version, _limits, stop);

    /// <summary>Sends a packet, from any thread.</summary>
    public void Write(MqttPacket packet)
    {
        lock (_writer)
            Send.Append(_writer.Write(packet));
    }

    public void Publish(
        ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, MqttQos qos, bool retain, bool duplicate, ushort id)
    {
        lock (_writer)
            Send.Append(_writer.PublishHead(topic, payload.Length, qos, retain, duplicate, id), payload);
    }

    /// <summary>Ends the link because of an error; the first one counts.</summary>
    public void Fail(Exception reason)
    {
        Interlocked.CompareExchange(ref _failure, reason, null);
        try
        {
            _end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // it has ended before
        }
    }

    /// <summary>What comes after the packet that is being taken does not count.</summary>
    public void Finish() => _finished = true;

    /// <summary>
    /// Receives until the peer ends the connection. What was whole is handed over, however it ends.
    /// </summary>
    /// <param name="receiver">Gets the messages.</param>
    /// <param name="ring">Keeps what has to be acknowledged.</param>
    /// <param name="session">Knows the messages of QoS 2.</param>
    /// <param name="other">Gets all other packets.</param>
    public async Task ReceiveAsync(
        IMqttReceiver receiver, ReceiptRing ring, InboundSession session, PacketTaker other)
    {
        var inbound = new Inbound(this, receiver, ring, session, other);
        try
        {
            var reading = _reader.ReadAsync(End);
            while (true)
            {
                if (!reading.IsCompleted)
                    await inbound.FlushAsync();
                var read = await reading;
                var buffer = read.Buffer;
                var length = buffer.Length;
                while (inbound.Take(ref buffer))
                    await inbound.FlushAsync();
                if (buffer.Length < length)
                    Volatile.Write(ref _lastPacket, _clock.GetTimestamp());
                _reader.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted || _finished)
                    break;
                reading = _reader.ReadAsync(End);
            }
        }
        catch (Exception e)
        {
            await inbound.FlushAsync();
            if (e is OperationCanceledException && _failure is not null)
                throw _failure;
            throw;
        }

        await inbound.FlushAsync();
    }

    /// <summary>Writes what waits and a last packet, as long as the peer takes it, and closes.</summary>
    public async Task CloseAsync(MqttPacket? lastWords)
    {
        if (lastWords is not null)
            Write(lastWords);
        using var limit = new CancellationTokenSource(LastWords, _clock);
        try
        {
            await Send.DrainAsync().WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // then without
        }

        Dispose();
    }

    public void Dispose()
    {
        Fail(new IOException("the connection was closed"));
        _stream.Dispose();
        _end.Dispose();
    }

    /// <summary>The topic of a message whose alias stands for it, or which sets one (MQTT 5.0, 3.3.2.3.4).</summary>
    private ReadOnlySpan<byte> Topic(in PublishView message)
    {
        if (message.Alias == 0)
            return message.Topic;
        if (message.Alias >= _aliases.Length)
            throw new MqttProtocolException(
                ReasonCode.TopicAliasInvalid, $"the topic alias {message.Alias}, at most {_aliases.Length - 1}");
        ref var known = ref _aliases[message.Alias];
        if (!message.Topic.IsEmpty && !message.Topic.SequenceEqual(known))
            known = message.Topic.ToArray();
        return known ?? throw new MqttProtocolException(
            ReasonCode.ProtocolError, $"the topic alias {message.Alias}, which stands for nothing");
    }

    /// <summary>The flow of messages in.</summary>
    private sealed class Inbound(
        Link link, IMqttReceiver receiver, ReceiptRing ring, InboundSession session, PacketTaker other)
    {
        private bool _unflushed;

        /// <summary>Takes whole packets; true where it has to be flushed before it goes on.</summary>
        public bool Take(ref ReadOnlySequence<byte> buffer)
        {
            while (true)
            {
                var span = buffer.FirstSpan;
                var at = 0;
                var full = false;
                while (!full && !link._finished && link.TryFrame(span[at..], out var header, out var total))
                {
                    full = !Packet(span[at], span.Slice(at + header, total - header));
                    at += total;
                }

                buffer = buffer.Slice(at);
                if (full)
                    return true;
                if (link._finished || buffer.IsSingleSegment
                    || !link.TryStraddling(ref buffer, out var head, out var body))
                    return false;
                if (!Packet(head, body.Span))
                    return true;
            }
        }

        public async ValueTask FlushAsync()
        {
            if (!_unflushed)
                return;
            Volatile.Write(ref link._busy, true);
            _unflushed = false;
            await receiver.FlushAsync(link._stop);
            if (ring.MustWait)
                await ring.RoomAsync().WaitAsync(link.End);
            Volatile.Write(ref link._lastPacket, link._clock.GetTimestamp());
            Volatile.Write(ref link._busy, false);
        }

        private bool Packet(byte header, ReadOnlySpan<byte> body)
        {
            switch ((PacketType)(header >> 4))
            {
                case PacketType.Publish:
                    return Message(PublishView.Parse(header, body, link.Version, link._limits));
                case PacketType.Pubrel:
                    var released = (AckPacket)PacketParser.Parse(header, body, link.Version, link._limits);
                    var known = session.Release(released.PacketId);
                    link.Write(new AckPacket(
                        PacketType.Pubcomp, released.PacketId,
                        known ? ReasonCode.Success : ReasonCode.PacketIdNotFound));
                    return true;
                default:
                    other(header, body);
                    return true;
            }
        }

        private bool Message(PublishView view)
        {
            if (view.HasSubscriptionId && !link.TakesSubscriptionIds)
                throw new MqttProtocolException(ReasonCode.ProtocolError, "a client's message for a subscription");
            var topic = link.Topic(view);
            var receipt = view.Qos > 0 ? ring.Add(view.PacketId, view.Qos) : 0;
            if (receipt < 0)
                return true;
            _unflushed = true;
            var message = new MqttMessage
            {
                Topic = topic,
                Payload = view.Payload,
                Qos = view.Qos,
                Retain = view.Retain,
                Duplicate = view.Duplicate,
                PacketId = view.PacketId,
                Receipt = new MqttReceipt(view.Qos > 0 ? ring : null, receipt),
            };

            return receiver.OnMessage(message) && !ring.MustWait;
        }
    }

    private bool TryFrame(ReadOnlySpan<byte> bytes, out int header, out int total) =>
        Frame.TryHeader(bytes, _limits.PacketBytes, Version == MqttVersion.V5, out header, out total)
        && total <= bytes.Length;

    /// <summary>Copies a packet that lies in several pieces of the buffer, once it is all there.</summary>
    private bool TryStraddling(ref ReadOnlySequence<byte> buffer, out byte head, out ReadOnlyMemory<byte> body)
    {
        (head, body) = (0, default);
        if (!Frame.TryHeader(buffer, _limits.PacketBytes, Version == MqttVersion.V5, out var header, out var total)
            || total > buffer.Length)
            return false;
        if (_straddling.Length < total)
            _straddling = new byte[Math.Max(total, Math.Min(_straddling.Length * 2, _limits.PacketBytes))];
        buffer.Slice(0, total).CopyTo(_straddling);
        buffer = buffer.Slice(total);
        head = _straddling[0];
        body = _straddling.AsMemory(header, total - header);
        return true;
    }
}
