namespace Cep.Mqtt;

/// <summary>The client's side of MQTT: what sources and sinks need of it, whoever speaks the protocol.</summary>
public interface IMqttConnection
{
    /// <summary>
    /// Connects, subscribes and receives, again and again until it is stopped; once for each connection.
    /// </summary>
    /// <exception cref="OperationCanceledException">It is stopped.</exception>
    /// <exception cref="IOException">It broke, and <see cref="MqttConnectionOptions.Reconnects"/> is false.</exception>
    /// <exception cref="MqttRefusedException">The broker refused, and it does not reconnect.</exception>
    Task RunAsync(IMqttReceiver receiver, CancellationToken stop);

    /// <summary>
    /// Publishes; done when the broker has taken the message as its QoS says. Waits while there is no connection or
    /// too much is under way. Calls from several threads are under way side by side.
    /// </summary>
    /// <exception cref="MqttRefusedException">The broker does not take it.</exception>
    /// <exception cref="OperationCanceledException">It is stopped; whether the message came through is not
    /// known.</exception>
    Task PublishAsync(MqttPublication message, CancellationToken stop);
}

/// <summary>A message to publish. The payload must stay as it is until it is published.</summary>
public sealed record MqttPublication(string Topic, ReadOnlyMemory<byte> Payload)
{
    public MqttQos Qos { get; init; } = MqttQos.AtLeastOnce;

    public bool Retain { get; init; }
}
