using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cep.Expressions.Evaluation;

/// <summary>A column of numbers compared with a constant, 64 rows at a time.</summary>
internal sealed class NumberFilter(int index, bool computed, BinaryOp op, double bound) : BatchFilter
{
    public override int Cost => 1;

    public override void Apply(Frame frame, long[] times, int count, ulong[] rows)
    {
        var column = computed ? frame.Computed[index] : frame.Columns[index];
        ComparisonMask.And(column.Doubles.AsSpan(0, count), op, bound, column.Nulls, rows);
    }
}

/// <summary>A column of integers, timestamps or durations compared with a constant, 64 rows at a time.</summary>
internal sealed class IntegerFilter(int index, bool computed, BinaryOp op, long bound) : BatchFilter
{
    public override int Cost => 1;

    public override void Apply(Frame frame, long[] times, int count, ulong[] rows)
    {
        var column = computed ? frame.Computed[index] : frame.Columns[index];
        ComparisonMask.And(column.Longs.AsSpan(0, count), op, bound, column.Nulls, rows);
    }
}

/// <summary>Vector comparisons that end in bit sets.</summary>
internal static class ComparisonMask
{
    /// <summary>Clears the bits of the rows whose value does not compare as asked, or is null.</summary>
    public static void And<T>(ReadOnlySpan<T> values, BinaryOp op, T bound, ulong[]? nulls, ulong[] rows)
        where T : struct, System.Numerics.INumber<T>
    {
        for (var word = 0; word << 6 < values.Length; word++)
        {
            if (rows[word] == 0)
                continue;
            var block = values[(word << 6)..];
            var mask = block.Length >= 64 ? Block(block[..64], op, bound) : Tail(block, op, bound);
            rows[word] &= nulls is null ? mask : mask & ~nulls[word];
        }
    }

    private static ulong Block<T>(ReadOnlySpan<T> values, BinaryOp op, T bound)
        where T : struct, System.Numerics.INumber<T>
    {
        if (!Vector256.IsHardwareAccelerated)
            return Tail(values, op, bound);
        var limit = Vector256.Create(bound);
        ref var start = ref Unsafe.AsRef(in values[0]);
        ulong mask = 0;
        for (var i = 0; i < 64; i += Vector256<T>.Count)
        {
            var value = Vector256.LoadUnsafe(ref start, (nuint)i);
            var hits = op switch
            {
                BinaryOp.Equal => Vector256.Equals(value, limit),
                BinaryOp.NotEqual => ~Vector256.Equals(value, limit),
                BinaryOp.Less => Vector256.LessThan(value, limit),
                BinaryOp.LessOrEqual => Vector256.LessThanOrEqual(value, limit),
                BinaryOp.Greater => Vector256.GreaterThan(value, limit),
                _ => Vector256.GreaterThanOrEqual(value, limit),
            };
            mask |= (ulong)hits.ExtractMostSignificantBits() << i;
        }

        return mask;
    }

    private static ulong Tail<T>(ReadOnlySpan<T> values, BinaryOp op, T bound)
        where T : struct, System.Numerics.INumber<T>
    {
        ulong mask = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var hit = op switch
            {
                BinaryOp.Equal => values[i] == bound,
                BinaryOp.NotEqual => values[i] != bound,
                BinaryOp.Less => values[i] < bound,
                BinaryOp.LessOrEqual => values[i] <= bound,
                BinaryOp.Greater => values[i] > bound,
                _ => values[i] >= bound,
            };
            mask |= hit ? 1UL << i : 0;
        }

        return mask;
    }
}
