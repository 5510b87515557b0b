namespace Cep.Host.Keeping;

/// <summary>Where the entries of a run begin.</summary>
/// <param name="Sequence">The sequence of the last entry before.</param>
/// <param name="Positions">How many positions of each stream were given out.</param>
/// <param name="Marks">How far the sources have come.</param>
internal sealed record EntranceStart(
    long Sequence, IReadOnlyDictionary<string, long> Positions,
    IReadOnlyDictionary<(string Source, string Part), byte[]> Marks)
{
    public static EntranceStart Beginning { get; } = new(
        0, new Dictionary<string, long>(), new Dictionary<(string Source, string Part), byte[]>());
}
