namespace Cep.Host.Running;

/// <summary>What a deployment did while it ran.</summary>
/// <param name="Events">Events received, rejected ones included.</param>
/// <param name="Rejected">Of these, what could not become an event.</param>
/// <param name="Alerts">Alerts of live rules.</param>
/// <param name="Delivered">Deliveries, by sink.</param>
/// <param name="Undelivered">Deliveries that failed for good.</param>
/// <param name="Ledger">The account of every event.</param>
public sealed record DeploymentSummary(
    long Events, long Rejected, long Alerts, IReadOnlyDictionary<string, long> Delivered, long Undelivered,
    Ledger Ledger);
