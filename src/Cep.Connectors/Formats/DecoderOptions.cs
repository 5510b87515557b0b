namespace Cep.Connectors.Formats;

/// <param name="Wanted">For each field of the schema whether it is kept; null: all. Types are checked either
/// way.</param>
/// <param name="MaxLineBytes">A longer line is rejected.</param>
/// <param name="UntilMs">Events from this time on (ms since the epoch) are left out.</param>
/// <param name="Capacity">Rows a batch has room for at first.</param>
public sealed record DecoderOptions(
    bool[]? Wanted = null, int MaxLineBytes = 1 << 20, long UntilMs = long.MaxValue, int Capacity = 256)
{
    /// <summary>How much of a rejected line is kept.</summary>
    public const int RawLimitBytes = 4096;
}
