using Cep.Mqtt.Wire;

namespace Cep.Mqtt.Listening;

/// <summary>What a listener knows of a client; guarded by the table it is in.</summary>
internal sealed class ListenerSession(string clientId)
{
    public string ClientId { get; } = clientId;

    public InboundSession Inbound { get; } = new();

    /// <summary>The connection, or null while the client is away.</summary>
    public PeerConnection? Current { get; set; }

    /// <summary>How long it is kept without a connection.</summary>
    public TimeSpan Expiry { get; set; }

    /// <summary>When the client left, as the clock's timestamp.</summary>
    public long Left { get; set; }

    /// <summary>Ends the wait of a will that is due later.</summary>
    public CancellationTokenSource? Will { get; set; }
}
