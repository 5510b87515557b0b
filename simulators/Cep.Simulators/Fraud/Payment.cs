namespace Cep.Simulators.Fraud;

/// <param name="TimeMs">Event time.</param>
/// <param name="Id">Its id.</param>
/// <param name="Card">The card's number.</param>
/// <param name="Cents">The amount.</param>
/// <param name="Place">Where the merchant is; payments on line have a country but no position.</param>
/// <param name="Merchant">The merchant's number.</param>
/// <param name="Channel">How it was paid.</param>
/// <param name="Device">The number of the customer's device on line; foreign ones are negative.</param>
internal readonly record struct Payment(
    long TimeMs, ulong Id, int Card, int Cents, City Place, int Merchant, Channel Channel, int Device)
{
    /// <summary>An account event instead of a payment; then only the time, the id and the card count.</summary>
    public string? AccountKind { get; init; }
}
