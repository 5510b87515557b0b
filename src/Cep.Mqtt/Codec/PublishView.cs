namespace Cep.Mqtt.Codec;

/// <summary>A PUBLISH as it lies in the buffer it came in (MQTT 5.0, 3.3): nothing is copied.</summary>
internal readonly ref struct PublishView
{
    private PublishView(byte flags, ReadOnlySpan<byte> topic, ushort id, ushort alias, ReadOnlySpan<byte> payload)
    {
        Flags = flags;
        Topic = topic;
        PacketId = id;
        Alias = alias;
        Payload = payload;
    }

    private byte Flags { get; }

    public MqttQos Qos => (MqttQos)(Flags >> 1 & 3);

    public bool Retain => (Flags & 1) != 0;

    public bool Duplicate => (Flags & 8) != 0;

    /// <summary>Empty where the alias stands for it.</summary>
    public ReadOnlySpan<byte> Topic { get; }

    /// <summary>0 for a message of QoS 0.</summary>
    public ushort PacketId { get; }

    /// <summary>0 where there is none.</summary>
    public ushort Alias { get; }

    public bool HasSubscriptionId { get; private init; }

    public ReadOnlySpan<byte> Payload { get; }

    /// <exception cref="MqttProtocolException">It is malformed.</exception>
    public static PublishView Parse(byte header, ReadOnlySpan<byte> body, MqttVersion version, MqttLimits limits)
    {
        var qos = header >> 1 & 3;
        if (qos == 3)
            throw new MqttProtocolException(ReasonCode.MalformedPacket, "a message of QoS 3");
        if (qos == 0 && (header & 8) != 0)
            throw new MqttProtocolException(ReasonCode.ProtocolError, "a repeated message of QoS 0");
        var reader = new PacketReader(body);
        var topic = reader.Data();
        MqttTopic.CheckName(topic, limits.TopicBytes);
        var id = qos > 0 ? reader.PacketId() : (ushort)0;
        var (alias, subscription) = version == MqttVersion.V5
            ? PropertyReader.ReadPublish(ref reader, limits)
            : default;
        if (topic.IsEmpty && alias == 0)
            throw new MqttProtocolException(ReasonCode.ProtocolError, "a message without a topic");
        return new PublishView((byte)(header & 0x0F), topic, id, alias, reader.Rest)
        {
            HasSubscriptionId = subscription,
        };
    }
}
