namespace Cep.Connectors.Sockets;

/// <summary>How a TCP source treats its peers.</summary>
public sealed record TcpOptions
{
    /// <summary>Connections are encrypted with these; null: they are not.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>Peers introduce themselves and are told how many of their lines are kept: see the README.</summary>
    public bool Acknowledge { get; init; }

    /// <summary>Peers at a time; those beyond are refused and counted.</summary>
    public int MaxPeers { get; init; } = 1024;

    /// <summary>A peer that has sent nothing for so long is let go of.</summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a peer may take for the handshake and to introduce itself.</summary>
    public TimeSpan GreetingLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Clients of different names in one run, where they are acknowledged; more are refused.</summary>
    public int MaxClients { get; init; } = 10_000;
}
