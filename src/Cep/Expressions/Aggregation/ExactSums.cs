using System.Numerics;
using System.Runtime.CompilerServices;
using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>
/// Sums of doubles without rounding, one for each group: 128-bit fixed-point numbers with 64 bits behind the point. The
/// result does not depend on the order of additions, and what is subtracted leaves nothing behind. Values that do not
/// fit (smaller parts than 2^-64 or larger than 2^62) are kept exactly beside them.
/// </summary>
internal sealed class ExactSums
{
    /// <summary>The bytes of a group.</summary>
    public const int GroupBytes = 16;

    private const int FractionBits = 64;
    private Int128[] _fixed = new Int128[16];

    /// <summary>What does not fit, by group, in units of 2^-1074: rare, so it has no room by default.</summary>
    private Dictionary<int, BigInteger>? _rests;

    public void EnsureCapacity(int groups)
    {
        if (groups > _fixed.Length)
            Array.Resize(ref _fixed, Math.Max(groups, _fixed.Length * 2));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int group, double value)
    {
        if (TryFix(value, out var fix))
            AddFixed(group, fix);
        else
            AddRest(group, Units(value));
    }

    /// <summary>Adds the value of each row to the group beside it.</summary>
    public void AddEach(ReadOnlySpan<int> groups, ReadOnlySpan<int> rows, double[] values)
    {
        var totals = _fixed;
        for (var i = 0; i < groups.Length; i++)
        {
            var value = values[rows[i]];
            if (!TryFix(value, out var fix) || !TryAdd(ref totals[groups[i]], fix))
                Add(groups[i], value);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Subtract(int group, double value)
    {
        if (TryFix(value, out var fix))
            AddFixed(group, -fix);
        else
            AddRest(group, -Units(value));
    }

    /// <summary>Adds all of one group to another.</summary>
    public void Merge(int into, int from)
    {
        AddFixed(into, _fixed[from]);
        if (_rests is not null && _rests.TryGetValue(from, out var rest))
            AddRest(into, rest);
    }

    public void Reset(int group)
    {
        _fixed[group] = 0;
        _rests?.Remove(group);
    }

    /// <summary>The double nearest to the exact sum.</summary>
    public double Value(int group) =>
        _rests is not null && _rests.ContainsKey(group) ? ToDouble(Exact(group)) : ToDouble(_fixed[group]);

    /// <summary>The exact sum in units of 2^-1074.</summary>
    public BigInteger Exact(int group) =>
        ((BigInteger)_fixed[group] << (1074 - FractionBits)) + (_rests?.GetValueOrDefault(group) ?? BigInteger.Zero);

    public void Save(StateWriter writer, int group)
    {
        writer.Long((long)(ulong)_fixed[group]);
        writer.Long((long)(_fixed[group] >> 64));
        writer.Big(_rests is not null && _rests.TryGetValue(group, out var rest) ? rest : null);
    }

    public void Load(StateReader reader, int group)
    {
        Reset(group);
        var low = (ulong)reader.Long();
        _fixed[group] = new Int128((ulong)reader.Long(), low);
        AddRest(group, reader.Big() ?? BigInteger.Zero);
    }

    /// <summary>An exact number in units of 2^-1074 as the nearest double, ties to even.</summary>
    public static double ToDouble(BigInteger units)
    {
        if (units.IsZero)
            return 0;
        var magnitude = BigInteger.Abs(units);
        var bits = (int)magnitude.GetBitLength();
        var drop = Math.Max(0, bits - 53);
        var mantissa = magnitude >> drop;
        if (drop > 0)
        {
            var remainder = magnitude - (mantissa << drop);
            var half = BigInteger.One << (drop - 1);
            if (remainder > half || (remainder == half && !mantissa.IsEven))
                mantissa += 1;
        }

        var value = Math.ScaleB((double)mantissa, drop - 1074);
        return units.Sign < 0 ? -value : value;
    }

    private static double ToDouble(Int128 value)
    {
        if (value == 0)
            return 0;
        var magnitude = (UInt128)(value < 0 ? -value : value);
        var bits = 128 - (int)UInt128.LeadingZeroCount(magnitude);
        var drop = bits - 53;
        ulong mantissa;
        if (drop <= 0)
        {
            drop = 0;
            mantissa = (ulong)magnitude;
        }
        else
        {
            mantissa = (ulong)(magnitude >> drop);
            var remainder = magnitude & ((UInt128.One << drop) - 1);
            var half = UInt128.One << (drop - 1);
            if (remainder > half || (remainder == half && (mantissa & 1) != 0))
                mantissa++;
        }

        // both factors are exact: the mantissa has 53 bits, the scale is a power of two within the normal range
        var result = (double)mantissa * BitConverter.Int64BitsToDouble((long)(drop - FractionBits + 1023) << 52);
        return value < 0 ? -result : result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryFix(double value, out Int128 fix)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >> 52) & 0x7FF;
        var mantissa = bits & 0xF_FFFF_FFFF_FFFF | 0x10_0000_0000_0000;
        var shift = exponent - 1075 + FractionBits;
        if (shift < 0)
        {
            // a small value still fits where its lowest set bit is not below the last place
            if (exponent == 0 || shift <= -53 || (mantissa & ((1L << -shift) - 1)) != 0)
            {
                fix = 0;
                return value == 0;
            }

            mantissa >>= -shift;
            fix = bits < 0 ? -mantissa : mantissa;
            return true;
        }

        if (shift > FractionBits + 9)
        {
            fix = 0;
            return false;
        }

        var low = shift >= 64 ? 0UL : (ulong)mantissa << shift;
        var high = shift >= 64 ? (ulong)mantissa << (shift - 64) : shift == 0 ? 0UL : (ulong)mantissa >> (64 - shift);
        fix = new Int128(high, low);
        if (bits < 0)
            fix = -fix;
        return true;
    }

    /// <summary>
    /// Adds where the sum fits 128 bits; else the part goes to the rest, so that a large sum costs time and not truth.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddFixed(int group, Int128 part)
    {
        if (!TryAdd(ref _fixed[group], part))
            AddRest(group, (BigInteger)part << (1074 - FractionBits));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryAdd(ref Int128 total, Int128 part)
    {
        var sum = total + part;
        if (Int128.IsNegative((total ^ sum) & (part ^ sum)))
            return false;
        total = sum;
        return true;
    }

    private void AddRest(int group, BigInteger part)
    {
        if (part.IsZero)
            return;
        _rests ??= [];
        var rest = _rests.GetValueOrDefault(group) + part;
        if (rest.IsZero)
            _rests.Remove(group);
        else
            _rests[group] = rest;
    }

    private static BigInteger Units(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >> 52) & 0x7FF;
        var mantissa = bits & 0xF_FFFF_FFFF_FFFF;
        var units = exponent == 0 ? mantissa : (BigInteger)(mantissa | 0x10_0000_0000_0000) << (exponent - 1);
        return bits < 0 ? -units : units;
    }
}
