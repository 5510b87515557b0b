using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>
/// The exact sum of numbers. How many there are is counted where values go again or a mean is asked for; else one bit
/// says that there are any.
/// </summary>
internal sealed class NumberSumFold : Fold<double, double>
{
    private readonly ExactSums _sums = new();
    private int[]? _counts;
    private ulong[] _any = new ulong[1];

    public NumberSumFold(bool counts)
    {
        if (counts)
            AddCounts();
    }

    /// <summary>Counts from now on; to be called before the first value.</summary>
    public void AddCounts() => _counts ??= new int[16];

    public override void EnsureCapacity(int groups)
    {
        _sums.EnsureCapacity(groups);
        if (_counts is null)
        {
            if (groups > _any.Length << 6)
                Array.Resize(ref _any, Math.Max((groups + 63) >> 6, _any.Length * 2));
        }
        else if (groups > _counts.Length)
        {
            Array.Resize(ref _counts, Math.Max(groups, _counts.Length * 2));
        }
    }

    public override void Add(int group, double value)
    {
        _sums.Add(group, value);
        if (_counts is null)
            _any[group >> 6] |= 1UL << group;
        else
            _counts[group]++;
    }

    /// <summary>Adds the value of each row to the group beside it.</summary>
    public void AddEach(ReadOnlySpan<int> groups, ReadOnlySpan<int> rows, double[] values)
    {
        _sums.AddEach(groups, rows, values);
        if (_counts is { } counts)
        {
            foreach (var group in groups)
                counts[group]++;
            return;
        }

        var any = _any;
        foreach (var group in groups)
            any[group >> 6] |= 1UL << group;
    }

    public override void Remove(int group, double value)
    {
        _sums.Subtract(group, value);
        _counts![group]--;
    }

    public override void Reset(int group)
    {
        _sums.Reset(group);
        SetCount(group, 0);
    }

    public override void Merge(int into, int from)
    {
        _sums.Merge(into, from);
        SetCount(into, Count(into) + Count(from));
    }

    public override bool TryGet(int group, out double value)
    {
        var known = Count(group) > 0;
        value = known ? _sums.Value(group) : 0;
        return known && double.IsFinite(value);
    }

    /// <summary>The mean, where values are counted.</summary>
    public bool TryGetMean(int group, out double value)
    {
        var known = TryGet(group, out value);
        if (known)
            value /= _counts![group];
        return known;
    }

    public override void Save(StateWriter writer, int group)
    {
        writer.Int(Count(group));
        _sums.Save(writer, group);
    }

    public override void Load(StateReader reader, int group)
    {
        SetCount(group, reader.Int());
        _sums.Load(reader, group);
    }

    /// <summary>How many there are, or 1 for any where they are not counted.</summary>
    private int Count(int group) => _counts is null ? (int)(_any[group >> 6] >> group & 1) : _counts[group];

    private void SetCount(int group, int count)
    {
        if (_counts is not null)
            _counts[group] = count;
        else if (count > 0)
            _any[group >> 6] |= 1UL << group;
        else
            _any[group >> 6] &= ~(1UL << group);
    }
}
