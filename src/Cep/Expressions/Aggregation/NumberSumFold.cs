using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>The exact sum of numbers, and how many there are.</summary>
internal sealed class NumberSumFold : Fold<double, double>
{
    private ExactSum[] _sums = new ExactSum[16];
    private int[] _counts = new int[16];

    public override void EnsureCapacity(int groups)
    {
        if (groups <= _sums.Length)
            return;
        var size = Math.Max(groups, _sums.Length * 2);
        Array.Resize(ref _sums, size);
        Array.Resize(ref _counts, size);
    }

    public override void Add(int group, double value)
    {
        _sums[group].Add(value);
        _counts[group]++;
    }

    /// <summary>Adds the value of each row to the group beside it.</summary>
    public void AddEach(ReadOnlySpan<int> groups, ReadOnlySpan<int> rows, double[] values)
    {
        var sums = _sums;
        var counts = _counts;
        for (var i = 0; i < groups.Length; i++)
        {
            sums[groups[i]].Add(values[rows[i]]);
            counts[groups[i]]++;
        }
    }

    public override void Remove(int group, double value)
    {
        _sums[group].Subtract(value);
        _counts[group]--;
    }

    public override void Reset(int group)
    {
        _sums[group] = default;
        _counts[group] = 0;
    }

    public override void Merge(int into, int from)
    {
        _sums[into].Add(_sums[from]);
        _counts[into] += _counts[from];
    }

    public override bool TryGet(int group, out double value)
    {
        var count = _counts[group];
        value = count == 0 ? 0 : _sums[group].Value;
        return count > 0 && double.IsFinite(value);
    }

    public bool TryGetMean(int group, out double value)
    {
        var known = TryGet(group, out value);
        if (known)
            value /= _counts[group];
        return known;
    }

    public override void Save(StateWriter writer, int group)
    {
        writer.Int(_counts[group]);
        writer.Long((long)(ulong)_sums[group].Fixed);
        writer.Long((long)(_sums[group].Fixed >> 64));
        writer.Big(_sums[group].Rest);
    }

    public override void Load(StateReader reader, int group)
    {
        _counts[group] = reader.Int();
        var low = (ulong)reader.Long();
        _sums[group] = ExactSum.From(new Int128((ulong)reader.Long(), low), reader.Big());
    }
}
