namespace Cep.Host.Replaying;

/// <summary>What a replay did.</summary>
/// <param name="Events">Events received, rejected ones included.</param>
/// <param name="Rejected">Of these, what could not become an event.</param>
/// <param name="Alerts">Alerts by rule; those of rules in shadow mode are counted, not written.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Ledger">The account of every event.</param>
public sealed record ReplaySummary(
    long Events, long Rejected, IReadOnlyDictionary<string, long> Alerts, TimeSpan Elapsed, Ledger Ledger)
{
    public long Late => Ledger.Streams.Sum(s => s.Late);
}
