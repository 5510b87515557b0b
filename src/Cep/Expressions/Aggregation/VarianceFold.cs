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
    private struct Sums
    {
        public ExactSum Values;
        public ExactSum Squares;
        public int Count;
    }

    /// <summary>The bytes of a group.</summary>
    public static int GroupBytes => System.Runtime.CompilerServices.Unsafe.SizeOf<Sums>();

    private Sums[] _groups = new Sums[16];

    public override void EnsureCapacity(int groups)
    {
        if (groups > _groups.Length)
            Array.Resize(ref _groups, Math.Max(groups, _groups.Length * 2));
    }

    public override void Add(int group, double value)
    {
        ref var sums = ref _groups[group];
        Split(value, out var high, out var low);
        sums.Values.Add(value);
        sums.Squares.Add(high);
        sums.Squares.Add(low);
        sums.Count++;
    }

    public override void Remove(int group, double value)
    {
        ref var sums = ref _groups[group];
        Split(value, out var high, out var low);
        sums.Values.Subtract(value);
        sums.Squares.Subtract(high);
        sums.Squares.Subtract(low);
        sums.Count--;
    }

    public override void Reset(int group) => _groups[group] = default;

    public override void Merge(int into, int from)
    {
        ref var sums = ref _groups[into];
        sums.Values.Add(_groups[from].Values);
        sums.Squares.Add(_groups[from].Squares);
        sums.Count += _groups[from].Count;
    }

    public override bool TryGet(int group, out double value)
    {
        ref var sums = ref _groups[group];
        value = 0;
        if (sums.Count < 2)
            return false;
        double n = sums.Count;
        var total = sums.Values.Value;
        var squares = n * sums.Squares.Value;
        var difference = squares - total * total;
        if (!(difference > squares * 1e-4))
            difference = ExactDifference(ref sums);
        value = difference / (n * (n - 1));
        if (root)
            value = Math.Sqrt(value);
        return double.IsFinite(value);
    }

    public override void Save(StateWriter writer, int group)
    {
        ref var sums = ref _groups[group];
        writer.Int(sums.Count);
        writer.Big(sums.Values.Exact());
        writer.Big(sums.Squares.Exact());
    }

    public override void Load(StateReader reader, int group)
    {
        ref var sums = ref _groups[group];
        sums.Count = reader.Int();
        sums.Values = ExactSum.From(0, reader.Big());
        sums.Squares = ExactSum.From(0, reader.Big());
    }

    private static double ExactDifference(ref Sums sums)
    {
        var total = sums.Values.Exact();
        var squares = (sums.Count * sums.Squares.Exact()) << 1074;
        var difference = squares - total * total;

        // the unit is now 2^-2148: bring it back to 2^-1074 without losing more than the last place
        var spare = (int)Math.Max(0, difference.GetBitLength() - 120);
        return spare >= 1074
            ? ExactSum.ToDouble(difference >> 1074)
            : Math.ScaleB(ExactSum.ToDouble(difference >> spare), spare - 1074);
    }

    private static void Split(double value, out double high, out double low)
    {
        high = value * value;
        low = Math.FusedMultiplyAdd(value, value, -high);
        if (!double.IsFinite(high))
            high = low = 0;
    }
}
