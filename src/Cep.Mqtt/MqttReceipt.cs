namespace Cep.Mqtt;

/// <summary>
/// What a message is acknowledged by: any time later, on any thread, in any order. To the peer acknowledgements go in
/// the order in which the messages came (MQTT 5.0, 4.6). Those of a connection that is gone are forgotten.
/// </summary>
/// <param name="Owner">The connection; null for a message that takes no acknowledgement.</param>
/// <param name="Number">Counts the messages of the connection that take one, without gaps.</param>
public readonly record struct MqttReceipt(IMqttAcknowledger? Owner, long Number)
{
    public void Acknowledge() => Owner?.Acknowledge(Number, Number);
}

/// <summary>A connection that takes acknowledgements.</summary>
public interface IMqttAcknowledger
{
    /// <summary>Acknowledges the messages of the receipts numbered <paramref name="first"/> to
    /// <paramref name="last"/>; neither blocks nor throws.</summary>
    void Acknowledge(long first, long last);
}
