using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>
/// The sample variance (or its root) from the exact sums of the values and of their squares: (n Σx² − (Σx)²) / (n (n −
/// 1)). Nothing is rounded before the last step, so equal values have a variance of exactly 0 and values that left
/// leave nothing behind.
/// </summary>
/// <remarks>
/// The squares are kept as pairs x² = high + low without error (Dekker's product through a fused multiply-add), each in
/// an exact sum. The difference is taken in integers only where double-double arithmetic would cancel; else it is
/// accurate to 2^-40.
/// </remarks>
internal sealed class VarianceFold(bool root) : Fold<double, double>
{
    /// <summary>The bytes of a group.</summary>
    public const int GroupBytes = 2 * ExactSums.GroupBytes + sizeof(int);

    private readonly ExactSums _values = new();
    private readonly ExactSums _squares = new();
    private int[] _counts = new int[16];

    public override void EnsureCapacity(int groups)
    {
        _values.EnsureCapacity(groups);
        _squares.EnsureCapacity(groups);
        if (groups > _counts.Length)
            Array.Resize(ref _counts, Math.Max(groups, _counts.Length * 2));
    }

    public override void Add(int group, double value)
    {
        Split(value, out var high, out var low);
        _values.Add(group, value);
        _squares.Add(group, high);
        _squares.Add(group, low);
        _counts[group]++;
    }

    public override void Remove(int group, double value)
    {
        Split(value, out var high, out var low);
        _values.Subtract(group, value);
        _squares.Subtract(group, high);
        _squares.Subtract(group, low);
        _counts[group]--;
    }

    public override void Reset(int group)
    {
        _values.Reset(group);
        _squares.Reset(group);
        _counts[group] = 0;
    }

    public override void Merge(int into, int from)
    {
        _values.Merge(into, from);
        _squares.Merge(into, from);
        _counts[into] += _counts[from];
    }

    public override bool TryGet(int group, out double value)
    {
        value = 0;
        if (_counts[group] < 2)
            return false;
        double n = _counts[group];
        var total = _values.Value(group);
        var squares = n * _squares.Value(group);
        var difference = squares - total * total;
        if (!(difference > squares * 1e-4))
            difference = ExactDifference(group);
        value = difference / (n * (n - 1));
        if (root)
            value = Math.Sqrt(value);
        return double.IsFinite(value);
    }

    public override void Save(StateWriter writer, int group)
    {
        writer.Int(_counts[group]);
        _values.Save(writer, group);
        _squares.Save(writer, group);
    }

    public override void Load(StateReader reader, int group)
    {
        _counts[group] = reader.Int();
        _values.Load(reader, group);
        _squares.Load(reader, group);
    }

    private double ExactDifference(int group)
    {
        var total = _values.Exact(group);
        var squares = (_counts[group] * _squares.Exact(group)) << 1074;
        var difference = squares - total * total;

        // the unit is now 2^-2148: bring it back to 2^-1074 without losing more than the last place
        var spare = (int)Math.Max(0, difference.GetBitLength() - 120);
        return spare >= 1074
            ? ExactSums.ToDouble(difference >> 1074)
            : Math.ScaleB(ExactSums.ToDouble(difference >> spare), spare - 1074);
    }

    private static void Split(double value, out double high, out double low)
    {
        high = value * value;
        low = Math.FusedMultiplyAdd(value, value, -high);
        if (!double.IsFinite(high))
            high = low = 0;
    }
}
