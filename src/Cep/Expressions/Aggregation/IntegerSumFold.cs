using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>The sum of integers or durations: null where it does not fit 64 bits.</summary>
internal sealed class IntegerSumFold : Fold<long, long>
{
    private Int128[] _sums = new Int128[16];
    private int[] _counts = new int[16];

    public override void EnsureCapacity(int groups)
    {
        if (groups <= _sums.Length)
            return;
        var size = Math.Max(groups, _sums.Length * 2);
        Array.Resize(ref _sums, size);
        Array.Resize(ref _counts, size);
    }

    public override void Add(int group, long value)
    {
        _sums[group] += value;
        _counts[group]++;
    }

    public override void Remove(int group, long value)
    {
        _sums[group] -= value;
        _counts[group]--;
    }

    public override void Reset(int group)
    {
        _sums[group] = 0;
        _counts[group] = 0;
    }

    public override void Merge(int into, int from)
    {
        _sums[into] += _sums[from];
        _counts[into] += _counts[from];
    }

    public override bool TryGet(int group, out long value)
    {
        var sum = _sums[group];
        value = unchecked((long)sum);
        return _counts[group] > 0 && value == sum;
    }

    public override void Save(StateWriter writer, int group)
    {
        writer.Int(_counts[group]);
        writer.Long((long)(ulong)_sums[group]);
        writer.Long((long)(_sums[group] >> 64));
    }

    public override void Load(StateReader reader, int group)
    {
        _counts[group] = reader.Int();
        var low = (ulong)reader.Long();
        _sums[group] = new Int128((ulong)reader.Long(), low);
    }
}
