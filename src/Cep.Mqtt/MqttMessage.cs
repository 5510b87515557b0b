namespace Cep.Mqtt;

/// <summary>A message that has come. Topic and payload are good only during the call that it is given to.</summary>
public readonly ref struct MqttMessage
{
    /// <summary>UTF-8, checked: without wildcards.</summary>
    public required ReadOnlySpan<byte> Topic { get; init; }

    public required ReadOnlySpan<byte> Payload { get; init; }

    public MqttQos Qos { get; init; }

    public bool Retain { get; init; }

    /// <summary>Whether the peer sends it again, as it has seen no acknowledgement.</summary>
    public bool Duplicate { get; init; }

    /// <summary>What the peer names it by until it is acknowledged; 0 for QoS 0.</summary>
    public ushort PacketId { get; init; }

    public MqttReceipt Receipt { get; init; }
}
