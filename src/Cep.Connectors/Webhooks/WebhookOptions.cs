namespace Cep.Connectors.Webhooks;

/// <summary>Where alerts are posted, and what.</summary>
/// <param name="Url">The receiver.</param>
public sealed record WebhookOptions(Uri Url)
{
    /// <summary>
    /// Keys that requests are signed with: each <c>whsec_</c> and base64, or any text. While a key is changed there are
    /// two, and the receiver takes either signature. Empty: requests are not signed.
    /// </summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Makes the body; null: it is a CloudEvent.</summary>
    public AlertTemplate? Template { get; init; }

    public DeliveryOptions Delivery { get; init; } = new();

    /// <summary>Nothing of it: address and secrets are nobody's business.</summary>
    public override string ToString() => "webhook";
}
