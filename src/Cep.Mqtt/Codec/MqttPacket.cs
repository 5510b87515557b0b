namespace Cep.Mqtt.Codec;

/// <summary>A control packet as an object (MQTT 5.0, 3).</summary>
internal abstract record MqttPacket
{
    /// <summary>None in MQTT 3.1.1.</summary>
    public MqttProperties Properties { get; init; } = MqttProperties.None;
}

internal sealed record ConnectPacket(MqttVersion Version, string ClientId) : MqttPacket
{
    public bool CleanStart { get; init; }

    public ushort KeepAliveSeconds { get; init; }

    public string? Username { get; init; }

    public byte[]? Password { get; init; }

    public WillPacket? Will { get; init; }
}

/// <summary>The part of a CONNECT that tells what to publish when the client is gone.</summary>
internal sealed record WillPacket(string Topic, byte[] Payload, MqttQos Qos, bool Retain) : MqttPacket;

/// <summary>In MQTT 3.1.1 the reason is one of that version's return codes, 0 to 5.</summary>
internal sealed record ConnackPacket(bool SessionPresent, ReasonCode Reason) : MqttPacket;

internal sealed record PublishPacket(string Topic, byte[] Payload) : MqttPacket
{
    public MqttQos Qos { get; init; }

    public bool Retain { get; init; }

    public bool Duplicate { get; init; }

    public ushort PacketId { get; init; }
}

/// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP.</summary>
internal sealed record AckPacket(PacketType Type, ushort PacketId, ReasonCode Reason) : MqttPacket;

internal sealed record SubscribePacket(ushort PacketId, IReadOnlyList<Subscription> Filters) : MqttPacket;

internal sealed record Subscription(string Filter, MqttQos Qos)
{
    public bool NoLocal { get; init; }

    public bool RetainAsPublished { get; init; }

    /// <summary>Whether retained messages are sent: 0 at each subscribing, 1 at the first, 2 never.</summary>
    public byte RetainHandling { get; init; }
}

/// <summary>SUBACK, or (in MQTT 5.0 with reasons) UNSUBACK.</summary>
internal sealed record SubackPacket(PacketType Type, ushort PacketId, IReadOnlyList<ReasonCode> Reasons) : MqttPacket;

internal sealed record UnsubscribePacket(ushort PacketId, IReadOnlyList<string> Filters) : MqttPacket;

/// <summary>PINGREQ or PINGRESP.</summary>
internal sealed record PingPacket(PacketType Type) : MqttPacket;

/// <summary>DISCONNECT or AUTH.</summary>
internal sealed record ReasonPacket(PacketType Type, ReasonCode Reason) : MqttPacket;
