namespace Cep.Mqtt;

/// <summary>
/// The peer broke the protocol: its connection has to be closed, in MQTT 5.0 with <see cref="Reason"/>.
/// </summary>
public sealed class MqttProtocolException(ReasonCode reason, string message) : Exception(message)
{
    public ReasonCode Reason { get; } = reason;
}

/// <summary>The peer refused what was asked of it: a connection, a subscription or a message.</summary>
public sealed class MqttRefusedException(ReasonCode reason, string message) : Exception(message)
{
    public ReasonCode Reason { get; } = reason;
}
