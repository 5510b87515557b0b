using System.Linq.Expressions;
using System.Reactive;
using System.Reactive.Concurrency;
using Cep.Plans;

namespace Cep.Reactive;

public static partial class EventOperators
{
    /// <summary>Windows of one length, side by side, aligned to the epoch.</summary>
    /// <param name="source">The events.</param>
    /// <param name="size">The length. Whole milliseconds.</param>
    /// <param name="select">The values of a window, made of aggregates over its events.</param>
    /// <param name="by">The key: a value or an object made of values.</param>
    /// <param name="time">The event time; null: the scheduler's clock stamps events as they arrive.</param>
    /// <param name="outOfOrder">How late events may come and still be put in order.</param>
    /// <param name="scheduler">The clock of arrival, where there is no <paramref name="time"/>.</param>
    /// <param name="options">What else there is to say.</param>
    /// <exception cref="NotSupportedException">An expression has no translation.</exception>
    /// <exception cref="ArgumentException">
    /// Neither or both of time and scheduler are given, or the window or its options make no sense.
    /// </exception>
    public static IObservable<WindowResult<TKey, TResult>> TumblingWindow<T, TKey, TResult>(
        this IObservable<T> source,
        TimeSpan size,
        Expression<Func<WindowEvents<T>, TResult>> select,
        Expression<Func<T, TKey>> by,
        Func<T, DateTimeOffset>? time = null,
        TimeSpan outOfOrder = default,
        IScheduler? scheduler = null,
        WindowOptions<T, TResult>? options = null) =>
        Windows<T, TKey, TResult>(
            source, Hopping(size, size, options), select, by, EventTiming<T>.Of(time, outOfOrder, scheduler), options);

    /// <summary>Windows of one length, side by side, aligned to the epoch.</summary>
    /// <param name="source">The events.</param>
    /// <param name="size">The length. Whole milliseconds.</param>
    /// <param name="select">The values of a window, made of aggregates over its events.</param>
    /// <param name="time">The event time; null: the scheduler's clock stamps events as they arrive.</param>
    /// <param name="outOfOrder">How late events may come and still be put in order.</param>
    /// <param name="scheduler">The clock of arrival, where there is no <paramref name="time"/>.</param>
    /// <param name="options">What else there is to say.</param>
    /// <exception cref="NotSupportedException">An expression has no translation.</exception>
    /// <exception cref="ArgumentException">
    /// Neither or both of time and scheduler are given, or the window or its options make no sense.
    /// </exception>
    public static IObservable<WindowResult<Unit, TResult>> TumblingWindow<T, TResult>(
        this IObservable<T> source,
        TimeSpan size,
        Expression<Func<WindowEvents<T>, TResult>> select,
        Func<T, DateTimeOffset>? time = null,
        TimeSpan outOfOrder = default,
        IScheduler? scheduler = null,
        WindowOptions<T, TResult>? options = null) =>
        Windows<T, Unit, TResult>(
            source, Hopping(size, size, options), select, null,
            EventTiming<T>.Of(time, outOfOrder, scheduler), options);

    /// <summary>Windows of one length that start every step, aligned to the epoch.</summary>
    /// <param name="source">The events.</param>
    /// <param name="size">The length. Whole milliseconds.</param>
    /// <param name="step">From start to start. Whole milliseconds.</param>
    /// <param name="select">The values of a window, made of aggregates over its events.</param>
    /// <param name="by">The key: a value or an object made of values.</param>
    /// <param name="time">The event time; null: the scheduler's clock stamps events as they arrive.</param>
    /// <param name="outOfOrder">How late events may come and still be put in order.</param>
    /// <param name="scheduler">The clock of arrival, where there is no <paramref name="time"/>.</param>
    /// <param name="options">What else there is to say.</param>
    /// <exception cref="NotSupportedException">An expression has no translation.</exception>
    /// <exception cref="ArgumentException">
    /// Neither or both of time and scheduler are given, or the window or its options make no sense.
    /// </exception>
    public static IObservable<WindowResult<TKey, TResult>> HoppingWindow<T, TKey, TResult>(
        this IObservable<T> source,
        TimeSpan size,
        TimeSpan step,
        Expression<Func<WindowEvents<T>, TResult>> select,
        Expression<Func<T, TKey>> by,
        Func<T, DateTimeOffset>? time = null,
        TimeSpan outOfOrder = default,
        IScheduler? scheduler = null,
        WindowOptions<T, TResult>? options = null) =>
        Windows<T, TKey, TResult>(
            source, Hopping(size, step, options), select, by, EventTiming<T>.Of(time, outOfOrder, scheduler), options);

    /// <summary>Windows of one length that start every step, aligned to the epoch.</summary>
    /// <param name="source">The events.</param>
    /// <param name="size">The length. Whole milliseconds.</param>
    /// <param name="step">From start to start. Whole milliseconds.</param>
    /// <param name="select">The values of a window, made of aggregates over its events.</param>
    /// <param name="time">The event time; null: the scheduler's clock stamps events as they arrive.</param>
    /// <param name="outOfOrder">How late events may come and still be put in order.</param>
    /// <param name="scheduler">The clock of arrival, where there is no <paramref name="time"/>.</param>
    /// <param name="options">What else there is to say.</param>
    /// <exception cref="NotSupportedException">An expression has no translation.</exception>
    /// <exception cref="ArgumentException">
    /// Neither or both of time and scheduler are given, or the window or its options make no sense.
    /// </exception>
    public static IObservable<WindowResult<Unit, TResult>> HoppingWindow<T, TResult>(
        this IObservable<T> source,
        TimeSpan size,
        TimeSpan step,
        Expression<Func<WindowEvents<T>, TResult>> select,
        Func<T, DateTimeOffset>? time = null,
        TimeSpan outOfOrder = default,
        IScheduler? scheduler = null,
        WindowOptions<T, TResult>? options = null) =>
        Windows<T, Unit, TResult>(
            source, Hopping(size, step, options), select, null,
            EventTiming<T>.Of(time, outOfOrder, scheduler), options);

    /// <summary>Windows that end when no event of the key came for a time.</summary>
    /// <param name="source">The events.</param>
    /// <param name="gap">How long after its last event a session ends. Whole milliseconds.</param>
    /// <param name="max">How long after its start it ends at the latest; zero: never.</param>
    /// <param name="select">The values of a window, made of aggregates over its events.</param>
    /// <param name="by">The key: a value or an object made of values.</param>
    /// <param name="time">The event time; null: the scheduler's clock stamps events as they arrive.</param>
    /// <param name="outOfOrder">How late events may come and still be put in order.</param>
    /// <param name="scheduler">The clock of arrival, where there is no <paramref name="time"/>.</param>
    /// <param name="options">What else there is to say.</param>
    /// <exception cref="NotSupportedException">An expression has no translation.</exception>
    /// <exception cref="ArgumentException">
    /// Neither or both of time and scheduler are given, or the window or its options make no sense.
    /// </exception>
    public static IObservable<WindowResult<TKey, TResult>> SessionWindow<T, TKey, TResult>(
        this IObservable<T> source,
        TimeSpan gap,
        TimeSpan max,
        Expression<Func<WindowEvents<T>, TResult>> select,
        Expression<Func<T, TKey>> by,
        Func<T, DateTimeOffset>? time = null,
        TimeSpan outOfOrder = default,
        IScheduler? scheduler = null,
        WindowOptions<T, TResult>? options = null) =>
        Windows<T, TKey, TResult>(
            source, Session(gap, max, options), select, by, EventTiming<T>.Of(time, outOfOrder, scheduler), options);

    /// <summary>Windows that end when no event of the key came for a time.</summary>
    /// <param name="source">The events.</param>
    /// <param name="gap">How long after its last event a session ends. Whole milliseconds.</param>
    /// <param name="max">How long after its start it ends at the latest; zero: never.</param>
    /// <param name="select">The values of a window, made of aggregates over its events.</param>
    /// <param name="time">The event time; null: the scheduler's clock stamps events as they arrive.</param>
    /// <param name="outOfOrder">How late events may come and still be put in order.</param>
    /// <param name="scheduler">The clock of arrival, where there is no <paramref name="time"/>.</param>
    /// <param name="options">What else there is to say.</param>
    /// <exception cref="NotSupportedException">An expression has no translation.</exception>
    /// <exception cref="ArgumentException">
    /// Neither or both of time and scheduler are given, or the window or its options make no sense.
    /// </exception>
    public static IObservable<WindowResult<Unit, TResult>> SessionWindow<T, TResult>(
        this IObservable<T> source,
        TimeSpan gap,
        TimeSpan max,
        Expression<Func<WindowEvents<T>, TResult>> select,
        Func<T, DateTimeOffset>? time = null,
        TimeSpan outOfOrder = default,
        IScheduler? scheduler = null,
        WindowOptions<T, TResult>? options = null) =>
        Windows<T, Unit, TResult>(
            source, Session(gap, max, options), select, null,
            EventTiming<T>.Of(time, outOfOrder, scheduler), options);

    /// <summary>Windows of so many events of the key, in time order. One that is not full is not reported.</summary>
    /// <param name="source">The events.</param>
    /// <param name="size">How many events.</param>
    /// <param name="select">The values of a window, made of aggregates over its events.</param>
    /// <param name="by">The key: a value or an object made of values.</param>
    /// <param name="time">The event time; null: the scheduler's clock stamps events as they arrive.</param>
    /// <param name="outOfOrder">How late events may come and still be put in order.</param>
    /// <param name="scheduler">The clock of arrival, where there is no <paramref name="time"/>.</param>
    /// <param name="options">What else there is to say.</param>
    /// <exception cref="NotSupportedException">An expression has no translation.</exception>
    /// <exception cref="ArgumentException">
    /// Neither or both of time and scheduler are given, or the window or its options make no sense.
    /// </exception>
    public static IObservable<WindowResult<TKey, TResult>> CountWindow<T, TKey, TResult>(
        this IObservable<T> source,
        int size,
        Expression<Func<WindowEvents<T>, TResult>> select,
        Expression<Func<T, TKey>> by,
        Func<T, DateTimeOffset>? time = null,
        TimeSpan outOfOrder = default,
        IScheduler? scheduler = null,
        WindowOptions<T, TResult>? options = null) =>
        Windows<T, TKey, TResult>(
            source, Counted(size, options), select, by, EventTiming<T>.Of(time, outOfOrder, scheduler), options);

    /// <summary>Windows of so many events of the key, in time order. One that is not full is not reported.</summary>
    /// <param name="source">The events.</param>
    /// <param name="size">How many events.</param>
    /// <param name="select">The values of a window, made of aggregates over its events.</param>
    /// <param name="time">The event time; null: the scheduler's clock stamps events as they arrive.</param>
    /// <param name="outOfOrder">How late events may come and still be put in order.</param>
    /// <param name="scheduler">The clock of arrival, where there is no <paramref name="time"/>.</param>
    /// <param name="options">What else there is to say.</param>
    /// <exception cref="NotSupportedException">An expression has no translation.</exception>
    /// <exception cref="ArgumentException">
    /// Neither or both of time and scheduler are given, or the window or its options make no sense.
    /// </exception>
    public static IObservable<WindowResult<Unit, TResult>> CountWindow<T, TResult>(
        this IObservable<T> source,
        int size,
        Expression<Func<WindowEvents<T>, TResult>> select,
        Func<T, DateTimeOffset>? time = null,
        TimeSpan outOfOrder = default,
        IScheduler? scheduler = null,
        WindowOptions<T, TResult>? options = null) =>
        Windows<T, Unit, TResult>(
            source, Counted(size, options), select, null,
            EventTiming<T>.Of(time, outOfOrder, scheduler), options);

    /// <summary>Days, weeks (from Monday) or months, from local midnight to local midnight.</summary>
    /// <param name="source">The events.</param>
    /// <param name="unit">Days, weeks or months.</param>
    /// <param name="zone">The time zone, as an IANA name such as Europe/Berlin.</param>
    /// <param name="select">The values of a window, made of aggregates over its events.</param>
    /// <param name="by">The key: a value or an object made of values.</param>
    /// <param name="time">The event time; null: the scheduler's clock stamps events as they arrive.</param>
    /// <param name="outOfOrder">How late events may come and still be put in order.</param>
    /// <param name="scheduler">The clock of arrival, where there is no <paramref name="time"/>.</param>
    /// <param name="options">What else there is to say.</param>
    /// <exception cref="NotSupportedException">An expression has no translation.</exception>
    /// <exception cref="ArgumentException">
    /// Neither or both of time and scheduler are given, or the window or its options make no sense.
    /// </exception>
    public static IObservable<WindowResult<TKey, TResult>> CalendarWindow<T, TKey, TResult>(
        this IObservable<T> source,
        CalendarUnit unit,
        string zone,
        Expression<Func<WindowEvents<T>, TResult>> select,
        Expression<Func<T, TKey>> by,
        Func<T, DateTimeOffset>? time = null,
        TimeSpan outOfOrder = default,
        IScheduler? scheduler = null,
        WindowOptions<T, TResult>? options = null) =>
        Windows<T, TKey, TResult>(
            source, Calendar(unit, zone, options), select, by, EventTiming<T>.Of(time, outOfOrder, scheduler), options);

    /// <summary>Days, weeks (from Monday) or months, from local midnight to local midnight.</summary>
    /// <param name="source">The events.</param>
    /// <param name="unit">Days, weeks or months.</param>
    /// <param name="zone">The time zone, as an IANA name such as Europe/Berlin.</param>
    /// <param name="select">The values of a window, made of aggregates over its events.</param>
    /// <param name="time">The event time; null: the scheduler's clock stamps events as they arrive.</param>
    /// <param name="outOfOrder">How late events may come and still be put in order.</param>
    /// <param name="scheduler">The clock of arrival, where there is no <paramref name="time"/>.</param>
    /// <param name="options">What else there is to say.</param>
    /// <exception cref="NotSupportedException">An expression has no translation.</exception>
    /// <exception cref="ArgumentException">
    /// Neither or both of time and scheduler are given, or the window or its options make no sense.
    /// </exception>
    public static IObservable<WindowResult<Unit, TResult>> CalendarWindow<T, TResult>(
        this IObservable<T> source,
        CalendarUnit unit,
        string zone,
        Expression<Func<WindowEvents<T>, TResult>> select,
        Func<T, DateTimeOffset>? time = null,
        TimeSpan outOfOrder = default,
        IScheduler? scheduler = null,
        WindowOptions<T, TResult>? options = null) =>
        Windows<T, Unit, TResult>(
            source, Calendar(unit, zone, options), select, null,
            EventTiming<T>.Of(time, outOfOrder, scheduler), options);

    private static HoppingWindow Hopping<T, TResult>(
        TimeSpan size, TimeSpan step, WindowOptions<T, TResult>? options) => new(
        ColumnTypes.Positive(size, nameof(size)), ColumnTypes.Positive(step, nameof(step)), Offset(options));

    private static SessionWindow Session<T, TResult>(TimeSpan gap, TimeSpan max, WindowOptions<T, TResult>? options)
    {
        Unaligned(options);
        return new(ColumnTypes.Positive(gap, nameof(gap)), ColumnTypes.NotNegative(max, nameof(max)));
    }

    private static CountWindow Counted<T, TResult>(int size, WindowOptions<T, TResult>? options)
    {
        Unaligned(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return new(size);
    }

    private static CalendarWindow Calendar<T, TResult>(
        CalendarUnit unit, string zone, WindowOptions<T, TResult>? options)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            throw new ArgumentException($"There is no time zone '{zone}'.", nameof(zone));
        return new(unit, zone, Offset(options));
    }

    private static long Offset<T, TResult>(WindowOptions<T, TResult>? options) =>
        ColumnTypes.NotNegative(options?.Offset ?? default, nameof(options.Offset));

    private static void Unaligned<T, TResult>(WindowOptions<T, TResult>? options)
    {
        if (options is not null && options.Offset != TimeSpan.Zero)
            throw new ArgumentException("Only windows that are aligned to the clock have an offset.", nameof(options));
    }

    private static RuleObservable<T, WindowResult<TKey, TResult>> Windows<T, TKey, TResult>(
        IObservable<T> source,
        WindowKind kind,
        Expression<Func<WindowEvents<T>, TResult>> select,
        Expression<Func<T, TKey>>? by,
        EventTiming<T> timing,
        WindowOptions<T, TResult>? options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(select);
        options ??= new WindowOptions<T, TResult>();
        var shape = new EventShape(typeof(T));
        var parts = new SelectedParts(shape, select);
        var plan = new WindowPlan(
            kind,
            parts.Selected,
            options.When is { } when ? parts.Condition(when) : null,
            options.Report,
            options.Report == WindowReport.Every ? ColumnTypes.Positive(options.Every, nameof(options.Every)) : 0,
            ColumnTypes.NotNegative(options.AllowedLateness, nameof(options.AllowedLateness)));
        var rule = RuleSource.Create("window", shape, by, options, timing, plan);
        var readKey = WindowReader.Key<TKey>(by);
        var readValues = WindowReader.Select<TResult>(parts.Object);
        return new RuleObservable<T, WindowResult<TKey, TResult>>(
            source, rule, () => new WindowReader<TKey, TResult>(readKey, readValues));
    }
}
