using System.Numerics;
using System.Runtime.CompilerServices;

namespace Cep.Expressions.Aggregation;

/// <summary>
/// A sum of doubles without rounding: a 128-bit fixed-point number with 64 bits behind the point. The result does not
/// depend on the order of additions, and what is subtracted leaves nothing behind. Values that do not fit (smaller
/// parts than 2^-64 or larger than 2^62) are kept exactly in <see cref="Rest"/>.
/// </summary>
internal struct ExactSum
{
    private const int FractionBits = 64;

    private Int128 _fixed;

    /// <summary>
    /// What does not fit, a boxed BigInteger in units of 2^-1074, or null: rare, so it costs one reference.
    /// </summary>
    private object? _rest;

    public readonly bool IsExactlyZero => _rest is null ? _fixed == 0 : Exact().IsZero;

    internal readonly Int128 Fixed => _fixed;

    internal readonly BigInteger? Rest => (BigInteger?)_rest;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double value)
    {
        if (TryFix(value, out var fix))
            AddFixed(fix);
        else
            AddRest(value, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Subtract(double value)
    {
        if (TryFix(value, out var fix))
            AddFixed(-fix);
        else
            AddRest(value, -1);
    }

    public void Add(in ExactSum other)
    {
        AddFixed(other._fixed);
        if (other.Rest is { } rest)
            SetRest((Rest ?? BigInteger.Zero) + rest);
    }

    /// <summary>The double nearest to the exact sum.</summary>
    public readonly double Value => _rest is null ? ToDouble(_fixed) : ToDouble(Exact());

    /// <summary>The exact sum in units of 2^-1074.</summary>
    public readonly BigInteger Exact() => ((BigInteger)_fixed << (1074 - FractionBits)) + (Rest ?? BigInteger.Zero);

    public static ExactSum From(Int128 fixedPart, BigInteger? rest) =>
        new() { _fixed = fixedPart, _rest = rest is { IsZero: false } r ? r : null };

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
    private void AddFixed(Int128 part)
    {
        var sum = _fixed + part;
        if (Int128.IsNegative((_fixed ^ sum) & (part ^ sum)))
            SetRest((Rest ?? BigInteger.Zero) + ((BigInteger)part << (1074 - FractionBits)));
        else
            _fixed = sum;
    }

    private void AddRest(double value, int sign)
    {
        SetRest((Rest ?? BigInteger.Zero) + sign * Units(value));
    }

    private void SetRest(BigInteger rest) => _rest = rest.IsZero ? null : rest;

    private static BigInteger Units(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >> 52) & 0x7FF;
        var mantissa = bits & 0xF_FFFF_FFFF_FFFF;
        var units = exponent == 0 ? mantissa : (BigInteger)(mantissa | 0x10_0000_0000_0000) << (exponent - 1);
        return bits < 0 ? -units : units;
    }
}
