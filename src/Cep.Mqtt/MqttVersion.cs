namespace Cep.Mqtt;

/// <summary>The protocol level, as CONNECT carries it (MQTT 5.0, 3.1.2.2).</summary>
public enum MqttVersion : byte
{
    V311 = 4,
    V5 = 5,
}

/// <summary>How often a message may arrive (MQTT 5.0, 4.3).</summary>
public enum MqttQos : byte
{
    AtMostOnce = 0,
    AtLeastOnce = 1,
    ExactlyOnce = 2,
}
