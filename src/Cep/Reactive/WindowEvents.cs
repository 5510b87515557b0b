namespace Cep.Reactive;

/// <summary>
/// Inside <c>select</c>: the events of a window, to be aggregated. The methods are never run; the expression that names
/// them is translated. A result over no values is null: ask for a nullable type to see it, as in
/// <c>w.Min(x =&gt; (double?)x.Amount)</c>; otherwise it is NaN, or the type's default.
/// </summary>
/// <typeparam name="T">The type of the events.</typeparam>
public sealed class WindowEvents<T>
{
    private WindowEvents()
    {
    }

    /// <summary>The window's start; that of a session or count window is its first event's time.</summary>
    public DateTimeOffset Start => throw Misuse();

    /// <summary>The window's end (exclusive); that of a count window is its last event's time.</summary>
    public DateTimeOffset End => throw Misuse();

    /// <summary>How many events.</summary>
    public long Count() => throw Misuse();

    /// <summary>How many events for which the condition holds.</summary>
    public long Count(Func<T, bool> where) => throw Misuse();

    public TValue Sum<TValue>(Func<T, TValue> of) => throw Misuse();

    public long Sum(Func<T, int> of) => throw Misuse();

    public double? Avg<TValue>(Func<T, TValue> of) => throw Misuse();

    public TimeSpan? Avg(Func<T, TimeSpan> of) => throw Misuse();

    public TValue Min<TValue>(Func<T, TValue> of) => throw Misuse();

    public TValue Max<TValue>(Func<T, TValue> of) => throw Misuse();

    /// <summary>The sample standard deviation.</summary>
    public double? StdDev<TValue>(Func<T, TValue> of) => throw Misuse();

    /// <summary>The sample variance.</summary>
    public double? Variance<TValue>(Func<T, TValue> of) => throw Misuse();

    /// <summary>How many different values.</summary>
    public long Distinct<TValue>(Func<T, TValue> of) => throw Misuse();

    public TValue First<TValue>(Func<T, TValue> of) => throw Misuse();

    public TValue Last<TValue>(Func<T, TValue> of) => throw Misuse();

    public double? Median<TValue>(Func<T, TValue> of) => throw Misuse();

    /// <summary>The p-quantile (0 to 1), interpolated between the two nearest ranks.</summary>
    public double? Quantile<TValue>(Func<T, TValue> of, double p) => throw Misuse();

    /// <summary>The change per second from the first to the last value.</summary>
    public double? Rate<TValue>(Func<T, TValue> of) => throw Misuse();

    /// <summary>The last value minus the first.</summary>
    public TValue Delta<TValue>(Func<T, TValue> of) => throw Misuse();

    /// <summary>The last time minus the first.</summary>
    public TimeSpan Delta(Func<T, DateTimeOffset> of) => throw Misuse();

    /// <summary>The slope of the least-squares line over time, per second.</summary>
    public double? Slope<TValue>(Func<T, TValue> of) => throw Misuse();

    /// <summary>The exponentially weighted mean.</summary>
    public double? Ewma<TValue>(Func<T, TValue> of, TimeSpan halfLife) => throw Misuse();

    /// <summary>How many sample standard deviations the last value lies from the mean.</summary>
    public double? ZScore<TValue>(Func<T, TValue> of) => throw Misuse();

    /// <summary>The n (1 to 1000) most frequent values, most frequent first.</summary>
    public IReadOnlyList<TValue> TopK<TValue>(Func<T, TValue> of, int n) => throw Misuse();

    /// <summary>The values in time order.</summary>
    public IReadOnlyList<TValue> Collect<TValue>(Func<T, TValue> of) => throw Misuse();

    private static InvalidOperationException Misuse() =>
        new("A window's aggregates stand inside select; they are translated, never run.");
}
