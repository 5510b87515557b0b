using Cep.Plans;

namespace Cep.Detection.Patterns;

/// <summary>
/// What is forbidden before the next event of a match is taken, or (where nothing follows) up to a deadline.
/// </summary>
/// <param name="Steps">The steps of which no event may come.</param>
/// <param name="Before">The link in front of it: when it is forbidden.</param>
/// <param name="After">The link behind it, which says how far back the first elements of a pattern look.</param>
/// <param name="IsFirst">It begins the pattern.</param>
/// <param name="IsLast">It is written last, so that nothing but a deadline ends it.</param>
internal sealed record Negation(int[] Steps, PatternLink Before, PatternLink After, bool IsFirst, bool IsLast)
{
    /// <summary>Only the event directly after the last one taken is looked at.</summary>
    public bool IsStrict => Before.Kind == LinkKind.Directly;

    /// <summary>The place of one that begins the pattern among those, else -1.</summary>
    public int Index { get; set; } = -1;
}

/// <summary>
/// A way in which a match can go on: an event of a step is taken, or (without a step) it is complete.
/// </summary>
internal sealed record PatternOption(int Step, PatternLink Link, int Race, Negation[] Negations, bool InRun)
{
    /// <summary>The state after the event.</summary>
    public int Target { get; set; } = -1;

    /// <summary>
    /// Options of one number lead to the same matches from the same events, whatever was taken before: of several open
    /// in an
    /// attempt only the most preferred is followed. -1: it depends on what was taken.
    /// </summary>
    public int Alike { get; set; } = -1;

    /// <summary>
    /// True where the event leaves nothing of the state behind: what else waited there waits in the target too, and
    /// nothing is complete yet.
    /// </summary>
    public bool MovesAll { get; set; }

    /// <summary>The options of the state that keep events from this one: possessive loops it has left.</summary>
    public ulong BarredBy { get; set; }

    public bool IsAccept => Step < 0;
}

/// <summary>Where a match stands after an event: how it can go on, in order of preference.</summary>
internal sealed record PatternState(PatternOption[] Options)
{
    /// <summary>True where an option keeps events from another.</summary>
    public bool HasBars { get; } = Array.Exists(Options, o => o.BarredBy != 0);

    /// <summary>True where each option just waits for an event that fits its step.</summary>
    public bool IsPlain { get; } = Array.TrueForAll(Options, o => !o.IsAccept && o.Link.Kind != LinkKind.Directly
        && !o.Link.IsTimed && o.Negations.Length == 0 && o.Race < 0 && !o.InRun && o.BarredBy == 0);

    /// <summary>All options.</summary>
    public ulong All => Options.Length == 64 ? ulong.MaxValue : (1UL << Options.Length) - 1;
}
