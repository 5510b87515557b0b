namespace Cep.Mqtt;

/// <summary>What a packet may hold at most; more is a protocol error.</summary>
/// <param name="PacketBytes">The whole packet, at most 268,435,460 (MQTT 5.0, 2.1.4).</param>
/// <param name="TopicBytes">A topic or a filter, at most 65,535.</param>
/// <param name="Properties">Properties of one packet, user properties included.</param>
/// <param name="Subscriptions">Filters of one SUBSCRIBE or UNSUBSCRIBE.</param>
public sealed record MqttLimits(
    int PacketBytes = 1 << 20, int TopicBytes = 4096, int Properties = 64, int Subscriptions = 128);
