using System.Text;

namespace Cep.Mqtt.Codec;

/// <summary>
/// Makes packets of bytes. What is malformed throws <see cref="MqttProtocolException"/>, nothing else.
/// </summary>
internal static class PacketParser
{
    /// <param name="header">The packet's first byte.</param>
    /// <param name="body">What follows its length, as long as the length says.</param>
    /// <param name="version">The connection's; a CONNECT tells its own.</param>
    /// <param name="limits">What is taken at most.</param>
    public static MqttPacket Parse(byte header, ReadOnlySpan<byte> body, MqttVersion version, MqttLimits limits)
    {
        var type = (PacketType)(header >> 4);
        if (type == PacketType.Publish)
            return Publish(header, body, version, limits);
        CheckFlags(type, header);
        var reader = new PacketReader(body);
        MqttPacket packet = type switch
        {
            PacketType.Connect => Connect(ref reader, limits),
            PacketType.Connack => Connack(ref reader, version, limits),
            PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp =>
                Ack(type, ref reader, version, limits),
            PacketType.Subscribe => Subscribe(ref reader, version, limits),
            PacketType.Suback => Suback(ref reader, version, limits),
            PacketType.Unsubscribe => Unsubscribe(ref reader, version, limits),
            PacketType.Unsuback => Unsuback(ref reader, version, limits),
            PacketType.Pingreq or PacketType.Pingresp => new PingPacket(type),
            _ => Reason(type, ref reader, version, limits),
        };
        reader.End();
        return packet;
    }

    /// <summary>Checks the flags of all packets but PUBLISH, which are fixed (MQTT 5.0, 2.1.3).</summary>
    public static void CheckFlags(PacketType type, byte header)
    {
        var flags = type is PacketType.Pubrel or PacketType.Subscribe or PacketType.Unsubscribe ? 2 : 0;
        if (type == PacketType.Will || (header & 0x0F) != flags)
            throw new MqttProtocolException(ReasonCode.MalformedPacket, $"a packet that begins with 0x{header:X2}");
    }

    private static ConnectPacket Connect(ref PacketReader reader, MqttLimits limits)
    {
        var protocol = reader.Utf8Text();
        var level = reader.Byte();
        if (!protocol.SequenceEqual("MQTT"u8) || level is not ((byte)MqttVersion.V311 or (byte)MqttVersion.V5))
            throw new MqttProtocolException(
                ReasonCode.UnsupportedVersion,
                $"protocol '{Encoding.UTF8.GetString(protocol[..Math.Min(16, protocol.Length)])}' level {level}");
        var version = (MqttVersion)level;
        var flags = reader.Byte();
        var hasWill = (flags & 4) != 0;
        if ((flags & 1) != 0 || (!hasWill && (flags & 0x38) != 0) || (flags & 0x18) == 0x18)
            throw new MqttProtocolException(ReasonCode.MalformedPacket, $"CONNECT with the flags 0x{flags:X2}");
        if (version == MqttVersion.V311 && (flags & 0xC0) == 0x40)
            throw new MqttProtocolException(ReasonCode.MalformedPacket, "a password without a user's name");
        var keepAlive = reader.UInt16();
        var properties = Properties(ref reader, PacketType.Connect, version, limits);
        var packet = new ConnectPacket(version, reader.Text())
        {
            CleanStart = (flags & 2) != 0,
            KeepAliveSeconds = keepAlive,
            Properties = properties,
        };
        if (hasWill)
            packet = packet with { Will = Will(ref reader, flags, version, limits) };
        if ((flags & 0x80) != 0)
            packet = packet with { Username = reader.Text() };
        if ((flags & 0x40) != 0)
            packet = packet with { Password = reader.Data().ToArray() };
        return packet;
    }

    private static WillPacket Will(ref PacketReader reader, byte flags, MqttVersion version, MqttLimits limits)
    {
        var properties = Properties(ref reader, PacketType.Will, version, limits);
        var topic = reader.Data();
        MqttTopic.CheckName(topic, limits.TopicBytes);
        if (topic.IsEmpty)
            throw new MqttProtocolException(ReasonCode.TopicNameInvalid, "a will without a topic");
        return new WillPacket(
            Encoding.UTF8.GetString(topic), reader.Data().ToArray(), (MqttQos)(flags >> 3 & 3), (flags & 0x20) != 0)
        {
            Properties = properties,
        };
    }

    private static ConnackPacket Connack(ref PacketReader reader, MqttVersion version, MqttLimits limits)
    {
        var flags = reader.Byte();
        var reason = (ReasonCode)reader.Byte();
        if (flags > 1 || (flags == 1 && reason != ReasonCode.Success))
            throw new MqttProtocolException(ReasonCode.MalformedPacket, $"CONNACK with the flags 0x{flags:X2}");
        if (version == MqttVersion.V311 && (int)reason > 5)
            throw new MqttProtocolException(ReasonCode.MalformedPacket, $"CONNACK with the code {(int)reason}");
        return new ConnackPacket(flags == 1, reason)
        {
            Properties = Properties(ref reader, PacketType.Connack, version, limits),
        };
    }

    private static PublishPacket Publish(byte header, ReadOnlySpan<byte> body, MqttVersion version, MqttLimits limits)
    {
        var view = PublishView.Parse(header, body, version, limits);
        var reader = new PacketReader(body);
        reader.Data();
        if (view.Qos > 0)
            reader.UInt16();
        return new PublishPacket(Encoding.UTF8.GetString(view.Topic), view.Payload.ToArray())
        {
            Qos = view.Qos,
            Retain = view.Retain,
            Duplicate = view.Duplicate,
            PacketId = view.PacketId,
            Properties = Properties(ref reader, PacketType.Publish, version, limits),
        };
    }

    private static AckPacket Ack(PacketType type, ref PacketReader reader, MqttVersion version, MqttLimits limits)
    {
        var id = reader.PacketId();
        if (version == MqttVersion.V311 || reader.IsAtEnd)
            return new AckPacket(type, id, ReasonCode.Success);
        var reason = (ReasonCode)reader.Byte();
        return new AckPacket(type, id, reason) { Properties = Trailing(ref reader, type, limits) };
    }

    private static SubscribePacket Subscribe(ref PacketReader reader, MqttVersion version, MqttLimits limits)
    {
        var id = reader.PacketId();
        var properties = Properties(ref reader, PacketType.Subscribe, version, limits);
        var filters = new List<Subscription>();
        while (!reader.IsAtEnd || filters.Count == 0)
        {
            var filter = Filter(ref reader, filters.Count, limits);
            var options = reader.Byte();
            var reserved = version == MqttVersion.V5 ? 0xC0 : 0xFC;
            if ((options & reserved) != 0 || (options & 3) == 3 || (options & 0x30) == 0x30)
                throw new MqttProtocolException(ReasonCode.MalformedPacket, $"SUBSCRIBE with options 0x{options:X2}");
            var noLocal = (options & 4) != 0;
            if (noLocal && filter.StartsWith("$share/", StringComparison.Ordinal))
                throw new MqttProtocolException(ReasonCode.ProtocolError, "a shared subscription with No Local");
            filters.Add(new Subscription(filter, (MqttQos)(options & 3))
            {
                NoLocal = noLocal,
                RetainAsPublished = (options & 8) != 0,
                RetainHandling = (byte)(options >> 4 & 3),
            });
        }

        return new SubscribePacket(id, filters) { Properties = properties };
    }

    private static SubackPacket Suback(ref PacketReader reader, MqttVersion version, MqttLimits limits)
    {
        var id = reader.PacketId();
        var properties = Properties(ref reader, PacketType.Suback, version, limits);
        return Reasons(PacketType.Suback, id, properties, ref reader, limits);
    }

    private static UnsubscribePacket Unsubscribe(ref PacketReader reader, MqttVersion version, MqttLimits limits)
    {
        var id = reader.PacketId();
        var properties = Properties(ref reader, PacketType.Unsubscribe, version, limits);
        var filters = new List<string>();
        while (!reader.IsAtEnd || filters.Count == 0)
            filters.Add(Filter(ref reader, filters.Count, limits));
        return new UnsubscribePacket(id, filters) { Properties = properties };
    }

    private static SubackPacket Unsuback(ref PacketReader reader, MqttVersion version, MqttLimits limits)
    {
        var id = reader.PacketId();
        if (version == MqttVersion.V311)
            return new SubackPacket(PacketType.Unsuback, id, []);
        var properties = Properties(ref reader, PacketType.Unsuback, version, limits);
        return Reasons(PacketType.Unsuback, id, properties, ref reader, limits);
    }

    private static SubackPacket Reasons(
        PacketType type, ushort id, MqttProperties properties, ref PacketReader reader, MqttLimits limits)
    {
        if (reader.IsAtEnd || reader.Rest.Length > limits.Subscriptions)
            throw new MqttProtocolException(
                ReasonCode.ProtocolError, $"{type} with {reader.Rest.Length} answers, 1 to {limits.Subscriptions} fit");
        var reasons = new List<ReasonCode>(reader.Rest.Length);
        while (!reader.IsAtEnd)
            reasons.Add((ReasonCode)reader.Byte());
        return new SubackPacket(type, id, reasons) { Properties = properties };
    }

    private static ReasonPacket Reason(PacketType type, ref PacketReader reader, MqttVersion version, MqttLimits limits)
    {
        if (version == MqttVersion.V311 && type == PacketType.Auth)
            throw new MqttProtocolException(ReasonCode.ProtocolError, "AUTH in MQTT 3.1.1");
        if (version == MqttVersion.V311 || reader.IsAtEnd)
            return new ReasonPacket(type, ReasonCode.Success);
        var reason = (ReasonCode)reader.Byte();
        return new ReasonPacket(type, reason) { Properties = Trailing(ref reader, type, limits) };
    }

    private static MqttProperties Properties(
        ref PacketReader reader, PacketType type, MqttVersion version, MqttLimits limits) =>
        version == MqttVersion.V5 ? PropertyReader.Read(ref reader, type, limits) : MqttProperties.None;

    /// <summary>Properties that may be left out with their length.</summary>
    private static MqttProperties Trailing(ref PacketReader reader, PacketType type, MqttLimits limits) =>
        reader.IsAtEnd ? MqttProperties.None : PropertyReader.Read(ref reader, type, limits);

    private static string Filter(ref PacketReader reader, int count, MqttLimits limits)
    {
        if (count == limits.Subscriptions)
            throw new MqttProtocolException(
                ReasonCode.QuotaExceeded, $"more than {limits.Subscriptions} filters in a packet");
        var filter = reader.Utf8Text();
        if (filter.Length > limits.TopicBytes)
            throw new MqttProtocolException(
                ReasonCode.TopicFilterInvalid, $"a filter of {filter.Length} bytes, {limits.TopicBytes} are taken");
        var text = Encoding.UTF8.GetString(filter);
        return MqttTopic.FaultOfFilter(text) is { } fault
            ? throw new MqttProtocolException(ReasonCode.TopicFilterInvalid, $"a filter that can't be: {fault}")
            : text;
    }
}
