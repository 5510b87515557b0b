using System.Net;

namespace Cep.Host.Web;

/// <summary>Where HTTP is listened on, and who may come.</summary>
/// <param name="Address">The address; port 0 takes a free one.</param>
/// <param name="Token">What requests must bring as <c>Authorization: Bearer</c>; null: nothing.</param>
public sealed record WebSettings(IPEndPoint Address, string? Token)
{
    public static IPEndPoint DefaultAddress { get; } = new(IPAddress.Loopback, 8080);

    /// <summary>Whether metrics may be read without the token.</summary>
    public bool OpenMetrics { get; init; }

    /// <summary>Requests at a time; those beyond are refused.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>The most bytes of a body, whatever is posted to.</summary>
    public long MaxBodyBytes { get; init; } = 32 << 20;

    /// <summary>How long the headers of a request may take.</summary>
    public TimeSpan HeadersTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The address alone.</summary>
    public override string ToString() => $"web {Address}";
}
