using System.Net;

namespace Cep.Mqtt.Listening;

/// <summary>Where a listener listens, and what it takes at most.</summary>
/// <param name="Address">Port 0 takes a free one.</param>
public sealed record MqttListenerOptions(IPEndPoint Address)
{
    /// <summary>With a certificate; with authorities too, peers must have one of theirs.</summary>
    public MqttTls? Tls { get; init; }

    /// <summary>Whether these credentials are good; null: all are. Called from several threads.</summary>
    public Func<MqttCredentials, bool>? Authenticate { get; init; }

    /// <summary>Connections at a time; a further one is refused.</summary>
    public int MaxClients { get; init; } = 1024;

    /// <summary>Sessions that are kept while their client is away; beyond that the one that left first is
    /// forgotten.</summary>
    public int MaxSessions { get; init; } = 10_000;

    /// <summary>Unacknowledged messages of a client; one of MQTT 3.1.1 is left waiting when it sends more.</summary>
    public int ReceiveMaximum { get; init; } = 256;

    /// <summary>Messages of a client in a second, beyond which it is left waiting; 0: any number.</summary>
    public int MessagesPerSecond { get; init; }

    public MqttLimits Limits { get; init; } = new(PacketBytes: 256 << 10);

    /// <summary>The longest that a session is kept after its client left, whatever that asks for.</summary>
    public TimeSpan SessionExpiry { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long a peer may take for TLS and its CONNECT, and an old connection of a client to end when
    /// a new one takes over.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Whom a client says it is.</summary>
public sealed record MqttCredentials(string ClientId, string? Username, ReadOnlyMemory<byte> Password)
{
    /// <summary>Without the password.</summary>
    public override string ToString() => $"{ClientId} ({Username})";
}

/// <summary>A client that has connected.</summary>
/// <param name="ClientId">Its own, or the one it was given.</param>
/// <param name="KeepsSession">Whether it may come back and send what was not acknowledged again.</param>
public sealed record MqttPeer(string ClientId, bool KeepsSession);
