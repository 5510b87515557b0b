namespace Cep;

/// <summary>
/// What became of every event of a stream: <c>Received = Processed + Late + Ahead + Duplicate + Rejected + Shed</c>.
/// </summary>
public sealed record StreamLedger(
    string Stream, long Received, long Processed, long Late, long Ahead, long Duplicate, long Rejected, long Shed)
{
    public bool Balances => Received == Processed + Late + Ahead + Duplicate + Rejected + Shed;
}

/// <summary>What a rule did with the events it saw: <c>Seen = Filtered + Excepted + Late + Evaluated</c>.</summary>
/// <param name="Undefined">Operations that had no result (division by zero, overflow …) and gave null.</param>
/// <param name="Limited">Partial matches of a pattern, and matches of one event, beyond the limits: let go of.</param>
/// <param name="Detections">What it detected, whether or not an alert was sent.</param>
/// <param name="Alerts">Alerts sent.</param>
public sealed record RuleLedger(
    string Rule, long Seen, long Filtered, long Excepted, long Late, long Evaluated, long Undefined, long Limited,
        long Detections,
        long Alerts)
{
    public bool Balances => Seen == Filtered + Excepted + Late + Evaluated;
}

/// <summary>The account of every event: see "The ledger" of the rule language.</summary>
public sealed record Ledger(IReadOnlyList<StreamLedger> Streams, IReadOnlyList<RuleLedger> Rules)
{
    public bool Balances => Streams.All(s => s.Balances) && Rules.All(r => r.Balances);
}
