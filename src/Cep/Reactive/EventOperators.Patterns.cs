using System.Linq.Expressions;
using System.Reactive.Concurrency;

namespace Cep.Reactive;

public static partial class EventOperators
{
    /// <summary>Detects events in order, per key.</summary>
    /// <param name="source">The events.</param>
    /// <param name="pattern">The pattern; see <see cref="Pattern"/>.</param>
    /// <param name="by">The key: a value or an object made of values; null: one key for all.</param>
    /// <param name="time">The event time; null: the scheduler's clock stamps events as they arrive.</param>
    /// <param name="outOfOrder">How late events may come and still be put in order.</param>
    /// <param name="scheduler">The clock of arrival, where there is no <paramref name="time"/>.</param>
    /// <param name="options">What else there is to say.</param>
    /// <exception cref="NotSupportedException">An expression has no translation.</exception>
    /// <exception cref="ArgumentException">
    /// Neither or both of time and scheduler are given, or the parts of the pattern do not go together: an absence has
    /// no deadline, a step is not there, it is too large.
    /// </exception>
    public static IObservable<PatternMatch<T>> DetectPattern<T>(
        this IObservable<T> source,
        Pattern<T> pattern,
        Expression<Func<T, object?>>? by = null,
        Func<T, DateTimeOffset>? time = null,
        TimeSpan outOfOrder = default,
        IScheduler? scheduler = null,
        PatternOptions<T>? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(pattern);
        var shape = new EventShape(typeof(T));
        var timing = EventTiming<T>.Of(time, outOfOrder, scheduler);
        var plan = PatternLowering.Plan(shape, pattern);
        var rule = RuleSource.Create("pattern", shape, by, options, timing, plan);
        return new RuleObservable<T, PatternMatch<T>>(source, rule, () => new MatchReader<T>(shape.EventField));
    }
}
