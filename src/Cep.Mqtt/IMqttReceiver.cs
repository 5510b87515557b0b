namespace Cep.Mqtt;

/// <summary>Takes the messages of a connection, one call at a time.</summary>
public interface IMqttReceiver
{
    /// <summary>A connection stands; what was not acknowledged may come again.</summary>
    /// <param name="sessionPresent">Whether the peer still knows what it had sent.</param>
    void OnConnected(bool sessionPresent);

    /// <summary>A connection ended, or none could be made.</summary>
    void OnDisconnected(string reason);

    /// <summary>Takes a message.</summary>
    /// <returns>False where <see cref="FlushAsync"/> must come before the next message.</returns>
    bool OnMessage(in MqttMessage message);

    /// <summary>
    /// Nothing more has come for now. Until this is done nothing further is read, which is how a peer is slowed down.
    /// </summary>
    ValueTask FlushAsync(CancellationToken stop);
}
