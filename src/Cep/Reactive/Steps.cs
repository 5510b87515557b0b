namespace Cep.Reactive;

/// <summary>
/// Inside a condition of a pattern: the events that its steps have taken, the one being tried included. The methods are
/// never run; a condition that names them is translated. A value of an event that is not there is null, and a
/// comparison with null is false. Names of steps are those of the pattern; another one is an error when the pattern is
/// applied.
/// </summary>
/// <typeparam name="T">The type of the events.</typeparam>
public sealed class Steps<T>
{
    private Steps()
    {
    }

    /// <summary>The first event of a step. Name one of its fields, as in <c>m.First("probe").Amount</c>.</summary>
    public T First(string step) => throw Misuse();

    /// <summary>The last event of a step. Name one of its fields, as in <c>m.Last("probe").Amount</c>.</summary>
    public T Last(string step) => throw Misuse();

    /// <summary>The event before the last of a step. Name one of its fields.</summary>
    public T Prev(string step) => throw Misuse();

    /// <summary>A value of the first event of a step.</summary>
    public TValue First<TValue>(string step, Func<T, TValue> of) => throw Misuse();

    /// <summary>A value of the last event of a step.</summary>
    public TValue Last<TValue>(string step, Func<T, TValue> of) => throw Misuse();

    /// <summary>A value of the event before the last of a step.</summary>
    public TValue Prev<TValue>(string step, Func<T, TValue> of) => throw Misuse();

    /// <summary>How many events.</summary>
    public long Count(string step) => throw Misuse();

    /// <summary>How many events for which the condition holds.</summary>
    public long Count(string step, Func<T, bool> where) => throw Misuse();

    public TValue Sum<TValue>(string step, Func<T, TValue> of) => throw Misuse();

    public double? Avg<TValue>(string step, Func<T, TValue> of) => throw Misuse();

    public TimeSpan? Avg(string step, Func<T, TimeSpan> of) => throw Misuse();

    public TValue Min<TValue>(string step, Func<T, TValue> of) => throw Misuse();

    public TValue Max<TValue>(string step, Func<T, TValue> of) => throw Misuse();

    /// <summary>The sample standard deviation.</summary>
    public double? StdDev<TValue>(string step, Func<T, TValue> of) => throw Misuse();

    /// <summary>The sample variance.</summary>
    public double? Variance<TValue>(string step, Func<T, TValue> of) => throw Misuse();

    /// <summary>How many different values.</summary>
    public long Distinct<TValue>(string step, Func<T, TValue> of) => throw Misuse();

    public double? Median<TValue>(string step, Func<T, TValue> of) => throw Misuse();

    /// <summary>The p-quantile (0 to 1), interpolated between the two nearest ranks.</summary>
    public double? Quantile<TValue>(string step, Func<T, TValue> of, double p) => throw Misuse();

    /// <summary>The change per second from the first to the last value.</summary>
    public double? Rate<TValue>(string step, Func<T, TValue> of) => throw Misuse();

    /// <summary>The last value minus the first.</summary>
    public TValue Delta<TValue>(string step, Func<T, TValue> of) => throw Misuse();

    /// <summary>The last time minus the first.</summary>
    public TimeSpan Delta(string step, Func<T, DateTimeOffset> of) => throw Misuse();

    /// <summary>The slope of the least-squares line over time, per second.</summary>
    public double? Slope<TValue>(string step, Func<T, TValue> of) => throw Misuse();

    /// <summary>The exponentially weighted mean.</summary>
    public double? Ewma<TValue>(string step, Func<T, TValue> of, TimeSpan halfLife) => throw Misuse();

    private static InvalidOperationException Misuse() =>
        new("The steps of a pattern stand inside its conditions; they are translated, never run.");
}
