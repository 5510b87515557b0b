namespace Cep.Expressions.Aggregation;

/// <summary>The first or last value by time; of equal times the one that came first, or last.</summary>
internal sealed class EndFold<T>(bool last) : ReadingFold<T, T>
{
    public override bool TryGet(int group, out T value)
    {
        var count = Values.Count(group);
        value = count == 0 ? default! : Values.ValueAt(group, last ? count - 1 : 0);
        return count > 0;
    }
}

/// <summary>All values, in time order.</summary>
internal sealed class CollectFold<T> : ReadingFold<T, object>
{
    public override bool TryGet(int group, out object value)
    {
        var items = new object?[Values.Count(group)];
        for (var i = 0; i < items.Length; i++)
            items[i] = Values.ValueAt(group, i);
        value = items;
        return items.Length > 0;
    }
}

/// <summary>
/// The last value minus the first; <paramref name="perSecond"/>: divided by the seconds between them.
/// </summary>
internal sealed class NumberDeltaFold(bool perSecond) : ReadingFold<double, double>
{
    public override bool TryGet(int group, out double value)
    {
        var count = Values.Count(group);
        value = 0;
        if (count < (perSecond ? 2 : 1))
            return false;
        value = Values.ValueAt(group, count - 1) - Values.ValueAt(group, 0);
        if (perSecond)
            value /= (Values.TimeAt(group, count - 1) - Values.TimeAt(group, 0)) / 1000.0;
        return double.IsFinite(value);
    }
}

internal sealed class IntegerDeltaFold : ReadingFold<long, long>
{
    public override bool TryGet(int group, out long value)
    {
        var count = Values.Count(group);
        value = 0;
        if (count == 0)
            return false;
        var (first, last) = (Values.ValueAt(group, 0), Values.ValueAt(group, count - 1));
        value = unchecked(last - first);

        // a difference that does not fit has the wrong sign
        return ((last ^ first) & (last ^ value)) >= 0;
    }
}

/// <summary>The slope of the least-squares line over time, per second.</summary>
internal sealed class SlopeFold : ReadingFold<double, double>
{
    public override bool TryGet(int group, out double value)
    {
        var n = Values.Count(group);
        value = 0;
        if (n < 2)
            return false;
        double meanT = 0, meanX = 0, start = Values.TimeAt(group, 0);
        for (var i = 0; i < n; i++)
        {
            meanT += (Values.TimeAt(group, i) - start) / n;
            meanX += Values.ValueAt(group, i) / n;
        }

        double covariance = 0, variance = 0;
        for (var i = 0; i < n; i++)
        {
            var t = Values.TimeAt(group, i) - start - meanT;
            covariance += t * (Values.ValueAt(group, i) - meanX);
            variance += t * t;
        }

        value = covariance / variance * 1000;
        return double.IsFinite(value);
    }
}

/// <summary>The mean weighted by 0.5^(age / half-life), age counted from the last value.</summary>
internal sealed class EwmaFold(double halfLifeMs) : ReadingFold<double, double>
{
    public override bool TryGet(int group, out double value)
    {
        var n = Values.Count(group);
        double sum = 0, weights = 0;
        for (var i = 0; i < n; i++)
        {
            var weight = Math.Pow(2, (Values.TimeAt(group, i) - Values.TimeAt(group, n - 1)) / halfLifeMs);
            sum += weight * Values.ValueAt(group, i);
            weights += weight;
        }

        value = sum / weights;
        return double.IsFinite(value);
    }
}
