using System.Linq.Expressions;
using System.Reactive.Concurrency;
using Cep.Alerts;
using Cep.Events;
using Cep.Plans;
using Cep.Time;

namespace Cep.Reactive;

/// <summary>
/// Rules as operators over observables of events. They make the plans that rule files compile to, and the same engine
/// runs them.
/// </summary>
/// <remarks>
/// Fields are the public properties and fields of the event type; conditions are translated to expressions of the
/// engine and mean what they mean there: a comparison with null is false, every operation is total. What they capture
/// is read once, when the operator is made. Time counts in whole milliseconds. It comes from a selector, and then the
/// watermark decides (the latest time less <c>outOfOrder</c>; what is earlier is late and left out, unless a window
/// still takes it); or from the clock of a scheduler as events arrive, and then the operator wakes itself when
/// something is due: a window at its end, all else a millisecond after it is due, because until then an event of that
/// same time may come. The end of the source is the end of time: what waits is reported, then the result completes. An
/// exception of a selector ends it with an error. Events are kept as they are for what is reported (those of a value
/// type in a box). Each subscription begins anew. Operators are safe to call from
/// any thread, results come one at a time.
/// </remarks>
public static partial class EventOperators
{
    /// <summary>Detects events for which a condition holds.</summary>
    /// <param name="source">The events.</param>
    /// <param name="condition">The condition.</param>
    /// <param name="by">The key: a value or an object made of values; null: one key for all.</param>
    /// <param name="time">The event time; null: the scheduler's clock stamps events as they arrive.</param>
    /// <param name="outOfOrder">How late events may come and still be put in order.</param>
    /// <param name="scheduler">The clock of arrival, where there is no <paramref name="time"/>.</param>
    /// <param name="options">What else there is to say.</param>
    /// <exception cref="NotSupportedException">An expression has no translation.</exception>
    /// <exception cref="ArgumentException">
    /// Neither or both of time and scheduler are given, or the options disagree.
    /// </exception>
    public static IObservable<Detection<T>> When<T>(
        this IObservable<T> source,
        Expression<Func<T, bool>> condition,
        Expression<Func<T, object?>>? by = null,
        Func<T, DateTimeOffset>? time = null,
        TimeSpan outOfOrder = default,
        IScheduler? scheduler = null,
        ConditionOptions<T>? options = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var shape = new EventShape(typeof(T));
        var scope = new EventScope(shape, condition.Parameters[0]);
        var timing = EventTiming<T>.Of(time, outOfOrder, scheduler);
        return When(source, shape, ExpressionTranslator.Translate(condition, scope), by, timing, options);
    }

    /// <summary>Detects events for which a condition holds that looks at earlier events of the key too.</summary>
    /// <param name="source">The events.</param>
    /// <param name="condition">The condition.</param>
    /// <param name="by">The key: a value or an object made of values; null: one key for all.</param>
    /// <param name="time">The event time; null: the scheduler's clock stamps events as they arrive.</param>
    /// <param name="outOfOrder">How late events may come and still be put in order.</param>
    /// <param name="scheduler">The clock of arrival, where there is no <paramref name="time"/>.</param>
    /// <param name="options">What else there is to say.</param>
    /// <exception cref="NotSupportedException">An expression has no translation.</exception>
    /// <exception cref="ArgumentException">
    /// Neither or both of time and scheduler are given, or the options disagree.
    /// </exception>
    public static IObservable<Detection<T>> When<T>(
        this IObservable<T> source,
        Expression<Func<T, Moving<T>, bool>> condition,
        Expression<Func<T, object?>>? by = null,
        Func<T, DateTimeOffset>? time = null,
        TimeSpan outOfOrder = default,
        IScheduler? scheduler = null,
        ConditionOptions<T>? options = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var shape = new EventShape(typeof(T));
        var timing = EventTiming<T>.Of(time, outOfOrder, scheduler);
        return When(source, shape, Moving(shape, condition), by, timing, options);
    }

    /// <summary>
    /// Detects keys of which no event came for a time after their last one; the next event resolves it.
    /// </summary>
    /// <param name="source">The events.</param>
    /// <param name="silent">How long. Whole milliseconds.</param>
    /// <param name="by">The key: a value or an object made of values; null: one key for all.</param>
    /// <param name="time">The event time; null: the scheduler's clock stamps events as they arrive.</param>
    /// <param name="outOfOrder">How late events may come and still be put in order.</param>
    /// <param name="scheduler">The clock of arrival, where there is no <paramref name="time"/>.</param>
    /// <param name="options">What else there is to say.</param>
    /// <exception cref="NotSupportedException">An expression has no translation.</exception>
    /// <exception cref="ArgumentException">Neither or both of time and scheduler are given.</exception>
    public static IObservable<Detection<T>> Silent<T>(
        this IObservable<T> source,
        TimeSpan silent,
        Expression<Func<T, object?>>? by = null,
        Func<T, DateTimeOffset>? time = null,
        TimeSpan outOfOrder = default,
        IScheduler? scheduler = null,
        SilenceOptions<T>? options = null)
    {
        var plan = new SilencePlan(ColumnTypes.Positive(silent, nameof(silent)));
        var timing = EventTiming<T>.Of(time, outOfOrder, scheduler);
        return Detections(source, RuleSource.Create("silent", new EventShape(typeof(T)), by, options, timing, plan));
    }

    /// <summary>
    /// Puts events in order of their own time and moves a scheduler's clock with them, so that other operators which
    /// take a scheduler run in event time: timers due before an event run before it, those due at its very time after
    /// all events of that time. At the end of the source the events that wait are given on; the clock stays at the last
    /// one.
    /// </summary>
    /// <param name="source">The events, one at a time.</param>
    /// <param name="time">The event time.</param>
    /// <param name="clock">The clock to move. It belongs to one subscription.</param>
    /// <param name="outOfOrder">How late events may come and still be put in order.</param>
    /// <param name="late">Gets the events that come later than that; null: they are dropped.</param>
    public static IObservable<T> InEventTime<T>(
        this IObservable<T> source,
        Func<T, DateTimeOffset> time,
        EventTimeScheduler clock,
        TimeSpan outOfOrder = default,
        IObserver<T>? late = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentOutOfRangeException.ThrowIfLessThan(outOfOrder, TimeSpan.Zero);
        return new InEventTime<T>(source, time, clock, outOfOrder, late);
    }

    /// <summary>Runs compiled rules over batches of events and gives their alerts.</summary>
    /// <param name="source">The batches, of any of the plan's streams.</param>
    /// <param name="plan">What to run.</param>
    /// <param name="options">How; null: on one thread.</param>
    /// <param name="scheduler">
    /// The clock of streams without an event time: it stands where batches of theirs are stamped, and wakes their
    /// rules. Null: they are moved by batches alone.
    /// </param>
    public static IObservable<Alert> Detect(
        this IObservable<EventBatch> source,
        EnginePlan plan,
        EngineOptions? options = null,
        IScheduler? scheduler = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(plan);
        return new BatchObservable(source, plan, options ?? new EngineOptions(), scheduler);
    }

    private static RuleObservable<T, Detection<T>> When<T>(
        IObservable<T> source,
        EventShape shape,
        Expressions.Expr condition,
        Expression<Func<T, object?>>? by,
        EventTiming<T> timing,
        ConditionOptions<T>? options)
    {
        options ??= new ConditionOptions<T>();
        if (options.Rising && (options.For > TimeSpan.Zero || options.Resolve is not null))
            throw new ArgumentException(
                "Rising is for conditions without a state; with For or Resolve a detection fires once anyhow.",
                nameof(options));
        var plan = new ConditionPlan(
            condition,
            ColumnTypes.NotNegative(options.For, nameof(options.For)),
            options.Resolve is { } resolve ? Moving(shape, resolve) : null,
            options.Rising,
            ColumnTypes.NotNegative(options.Every, nameof(options.Every)));
        return Detections(source, RuleSource.Create("when", shape, by, options, timing, plan));
    }

    private static Expressions.Expr Moving(EventShape shape, LambdaExpression condition) =>
        ExpressionTranslator.Translate(
            condition, new MovingScope(shape, condition.Parameters[0], condition.Parameters[1]));

    private static RuleObservable<T, Detection<T>> Detections<T>(IObservable<T> source, RuleSource<T> rule)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new RuleObservable<T, Detection<T>>(source, rule, () => new EventReader<T>(rule.Shape.EventField));
    }
}
