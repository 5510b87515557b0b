namespace Cep.Reactive;

/// <summary>
/// Inside a condition: what can be said about the key's earlier events. The methods are never run; a condition that
/// names them is translated. A result over no events is null, and a comparison with null is false.
/// </summary>
/// <typeparam name="T">The type of the events.</typeparam>
public sealed class Moving<T>
{
    private Moving()
    {
    }

    /// <summary>How many events.</summary>
    public long Count(Over over) => throw Misuse();

    /// <summary>How many events for which the condition holds.</summary>
    public long Count(Func<T, bool> where, Over over) => throw Misuse();

    /// <summary>The sum; it does not drift, however long the stream.</summary>
    public TValue Sum<TValue>(Func<T, TValue> of, Over over) => throw Misuse();

    public double? Avg<TValue>(Func<T, TValue> of, Over over) => throw Misuse();

    public TimeSpan? Avg(Func<T, TimeSpan> of, Over over) => throw Misuse();

    public TValue Min<TValue>(Func<T, TValue> of, Over over) => throw Misuse();

    public TValue Max<TValue>(Func<T, TValue> of, Over over) => throw Misuse();

    /// <summary>The sample standard deviation.</summary>
    public double? StdDev<TValue>(Func<T, TValue> of, Over over) => throw Misuse();

    /// <summary>The sample variance.</summary>
    public double? Variance<TValue>(Func<T, TValue> of, Over over) => throw Misuse();

    /// <summary>How many different values.</summary>
    public long Distinct<TValue>(Func<T, TValue> of, Over over) => throw Misuse();

    public TValue First<TValue>(Func<T, TValue> of, Over over) => throw Misuse();

    public TValue Last<TValue>(Func<T, TValue> of, Over over) => throw Misuse();

    public double? Median<TValue>(Func<T, TValue> of, Over over) => throw Misuse();

    /// <summary>The p-quantile (0 to 1), interpolated between the two nearest ranks.</summary>
    public double? Quantile<TValue>(Func<T, TValue> of, double p, Over over) => throw Misuse();

    /// <summary>The change per second from the first to the last value.</summary>
    public double? Rate<TValue>(Func<T, TValue> of, Over over) => throw Misuse();

    /// <summary>The last value minus the first.</summary>
    public TValue Delta<TValue>(Func<T, TValue> of, Over over) => throw Misuse();

    /// <summary>The last time minus the first.</summary>
    public TimeSpan Delta(Func<T, DateTimeOffset> of, Over over) => throw Misuse();

    /// <summary>The slope of the least-squares line over time, per second.</summary>
    public double? Slope<TValue>(Func<T, TValue> of, Over over) => throw Misuse();

    /// <summary>The exponentially weighted mean.</summary>
    public double? Ewma<TValue>(Func<T, TValue> of, TimeSpan halfLife, Over over) => throw Misuse();

    /// <summary>How many sample standard deviations the current value lies from the mean.</summary>
    public double? ZScore<TValue>(Func<T, TValue> of, Over over) => throw Misuse();

    /// <summary>The value at the key's previous event.</summary>
    public TValue Prev<TValue>(Func<T, TValue> of) => throw Misuse();

    /// <summary>The value at the key's event so many events ago (1 to 1000).</summary>
    public TValue Prev<TValue>(Func<T, TValue> of, int back) => throw Misuse();

    /// <summary>True where the value differs from that at the key's previous event; false at the first.</summary>
    public bool Changed<TValue>(Func<T, TValue> of) => throw Misuse();

    private static InvalidOperationException Misuse() =>
        new("Moving aggregates stand inside the condition of a rule; they are translated, never run.");
}
