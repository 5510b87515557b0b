using Cep.Plans;

namespace Cep.Reactive;

public sealed partial class Pattern<T>
{
    /// <summary>The longest time from the first event to the last, inclusive. Whole milliseconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is shorter than a millisecond.</exception>
    public Pattern<T> Within(TimeSpan time) =>
        With(Settings with { WithinMs = ColumnTypes.Positive(time, nameof(time)) });

    /// <summary>Which matches are reported; by default one for each first event.</summary>
    public Pattern<T> Matches(PatternMatches matches) => With(Settings with { Matches = matches });

    /// <summary>When a match is reported; by default as soon as the pattern is satisfied.</summary>
    public Pattern<T> Report(PatternReport report) => With(Settings with { Report = report });

    /// <summary>Where matching resumes after a match; by default past its last event.</summary>
    public Pattern<T> AfterMatch(Skip skip) => With(Settings with { AfterMatch = skip });

    /// <summary>Partial matches that ran out of time are reported too, one for each first event.</summary>
    public Pattern<T> OnTimeout() => With(Settings with { OnTimeout = true });

    private Pattern<T> With(PatternSettings settings) => new(_items, settings);
}

/// <summary>What is said of a whole pattern.</summary>
internal sealed record PatternSettings
{
    /// <summary>The longest time from the first event to the last; 0: no limit.</summary>
    public long WithinMs { get; init; }

    public PatternMatches Matches { get; init; }

    public PatternReport Report { get; init; }

    public Skip AfterMatch { get; init; }

    public bool OnTimeout { get; init; }
}
