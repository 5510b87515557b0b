using Cep.Expressions;

namespace Cep.Reactive;

/// <summary>
/// The events of a key that a moving aggregate ranges over. A <see cref="TimeSpan"/> stands for <see cref="Time"/>.
/// </summary>
public readonly record struct Over
{
    private Over(AggregateRange range) => Range = range;

    internal AggregateRange Range { get; }

    /// <summary>Events with time in (now − length, now], this one included. Whole milliseconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is shorter than a millisecond.</exception>
    public static Over Time(TimeSpan length) => ByTime(length, prior: false);

    /// <summary>As <see cref="Time"/>, this event left out: a baseline must not contain the spike.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is shorter than a millisecond.</exception>
    public static Over Prior(TimeSpan length) => ByTime(length, prior: true);

    /// <summary>The last so many events, this one included.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public static Over Last(int count) => ByRows(count, prior: false);

    /// <summary>The so many events before this one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public static Over PriorLast(int count) => ByRows(count, prior: true);

    /// <summary>The same as <see cref="Time"/>.</summary>
    public static implicit operator Over(TimeSpan length) => Time(length);

    private static Over ByTime(TimeSpan length, bool prior) =>
        new(new AggregateRange(RangeKind.Time, ColumnTypes.Positive(length, nameof(length)), prior));

    private static Over ByRows(int count, bool prior)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new(new AggregateRange(RangeKind.Rows, count, prior));
    }
}
