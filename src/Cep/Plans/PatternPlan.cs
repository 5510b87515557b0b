using Cep.Expressions;

namespace Cep.Plans;

public enum PatternMatches : byte
{
    /// <summary>At most one match for each first event.</summary>
    One,

    /// <summary>Every distinct match.</summary>
    All,

    /// <summary>Each step keeps only the newest partial match that reached it.</summary>
    Latest,
}

public enum PatternReport : byte
{
    /// <summary>When the pattern is first satisfied.</summary>
    Earliest,

    /// <summary>When no further event can change the preferred match.</summary>
    Longest,
}

/// <summary>Where matching resumes after a match.</summary>
public enum AfterMatchKind : byte
{
    SkipPastLast,
    SkipToNext,
    NoSkip,
    SkipToFirst,
    SkipToLast,
}

/// <param name="Kind">Where matching resumes.</param>
/// <param name="Step">The step of the skips to a step's first or last event, else -1.</param>
public readonly record struct AfterMatch(AfterMatchKind Kind, int Step = -1);

/// <summary>
/// A step of a pattern. What it takes must pass <paramref name="Where"/> (a filter of its own) and fit
/// <paramref name="Condition"/>, in which fields are those of the event being tried.
/// </summary>
/// <param name="Name">As the rule writes it.</param>
/// <param name="Input">The index of the stream it reads among the rule's inputs.</param>
/// <param name="Where">The filter of a step that names its stream, or null.</param>
/// <param name="Condition">What an event must fit; true where nothing is defined.</param>
/// <param name="Until">Ends a loop of this step, or null.</param>
public sealed record PatternStep(string Name, int Input, Expr? Where, Expr Condition, Expr? Until);

/// <summary><c>pattern</c>: events in order, per key.</summary>
/// <param name="Steps">The steps that the pattern's nodes name by index.</param>
/// <param name="Root">What must come.</param>
/// <param name="WithinMs">The longest time from the first event to the last, inclusive; 0: no limit.</param>
/// <param name="Matches">Which matches.</param>
/// <param name="Report">When.</param>
/// <param name="AfterMatch">What a match takes out.</param>
/// <param name="OnTimeout">What is said of partial matches that ran out of time, or null.</param>
public sealed record PatternPlan(
    ValueList<PatternStep> Steps, PatternNode Root, long WithinMs, PatternMatches Matches, PatternReport Report,
        AfterMatch AfterMatch,
    AlertPlan? OnTimeout) : DetectorPlan;
