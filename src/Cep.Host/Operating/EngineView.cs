namespace Cep.Host.Operating;

/// <summary>How the engine stood between two entries.</summary>
/// <param name="Ledger">The account of every event; it balances.</param>
/// <param name="Watermarks">The watermark of each stream, ms since the epoch; without those that have none.</param>
/// <param name="Keys">How many keys have state.</param>
/// <param name="Sequence">The last entry.</param>
internal sealed record EngineView(
    Ledger Ledger, IReadOnlyDictionary<string, long> Watermarks, long Keys, long Sequence);
