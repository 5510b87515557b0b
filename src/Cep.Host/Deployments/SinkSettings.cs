using Cep.Connectors.Mail;
using Cep.Connectors.Webhooks;

namespace Cep.Host.Deployments;

/// <summary>Where alerts can go.</summary>
public abstract record SinkSettings(string Name);

public sealed record StdoutSettings(string Name) : SinkSettings(Name);

/// <summary>A webhook: CloudEvents, or what a template makes.</summary>
public sealed record WebhookSettings(string Name, WebhookOptions Options) : SinkSettings(Name);

/// <summary>A file of JSON lines, rotated at a size, with so many rotated ones kept.</summary>
public sealed record FileSinkSettings(string Name, string Path, long? RotateBytes, int Keep) : SinkSettings(Name);

/// <summary>A Prometheus Alertmanager.</summary>
public sealed record AlertmanagerSettings(string Name, Uri Url, DeliveryOptions Delivery) : SinkSettings(Name)
{
    /// <summary>The name alone: the address may hold a password.</summary>
    public override string ToString() => $"alertmanager {Name}";
}

/// <summary>Mails.</summary>
public sealed record SmtpSettings(string Name, SmtpOptions Options) : SinkSettings(Name);
