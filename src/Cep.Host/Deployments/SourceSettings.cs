using System.Net;
using Cep.Connectors.Sockets;

namespace Cep.Host.Deployments;

/// <summary>A source of a stream's events.</summary>
public abstract record SourceSettings(string Stream);

/// <summary>Lines over TCP: listened for at an address of this machine, or asked for at another's.</summary>
public sealed record TcpSettings(string Stream, bool Listen, string Host, int Port) : SourceSettings(Stream)
{
    public TcpOptions Limits { get; init; } = new();

    public TlsSettings? Tls { get; init; }

    /// <summary>A longer line is rejected.</summary>
    public int MaxLineBytes { get; init; } = 1 << 20;
}

/// <summary>Paths of PEM files.</summary>
public sealed record TlsSettings(string? Cert, string? Key, string? Ca);

/// <summary>Datagrams of lines.</summary>
public sealed record UdpSettings(string Stream, IPEndPoint Address) : SourceSettings(Stream);

/// <summary>Events that are posted to a path of the web listener.</summary>
public sealed record HttpSettings(string Stream, string Path, bool Dedupe = false) : SourceSettings(Stream);

/// <summary>Files by a path or pattern.</summary>
public sealed record FileSettings(string Stream, string Path, bool Follow) : SourceSettings(Stream);
