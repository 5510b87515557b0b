namespace Cep.Connectors.Mail;

/// <summary>Where mails go.</summary>
/// <param name="Host">The server.</param>
/// <param name="Port">Its port.</param>
/// <param name="From">The sender's address.</param>
/// <param name="To">The receivers' addresses.</param>
public sealed record SmtpOptions(string Host, int Port, string From, IReadOnlyList<string> To)
{
    /// <summary>Whether the connection must be encrypted (STARTTLS).</summary>
    public bool Tls { get; init; }

    public string? Username { get; init; }

    public string? Password { get; init; }

    public Webhooks.DeliveryOptions Delivery { get; init; } = new() { AttemptLimit = TimeSpan.FromSeconds(30) };

    /// <summary>The server alone.</summary>
    public override string ToString() => $"smtp {Host}:{Port}";
}
