using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Cep.Connectors.Formats;

/// <summary>Numbers of JSON's grammar, read without a copy and exactly.</summary>
internal static unsafe class JsonNumber
{
    private const ulong MaxExactMantissa = 1UL << 53;
    private const int MaxExactPower = 22;

    private static readonly double[] Powers =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>
    /// Reads a number that some other byte follows. Returns the end of it, or null where there is none or it is
    /// infinite.
    /// </summary>
    public static byte* Double(byte* p, out double value)
    {
        var start = p;
        var negative = *p == '-';
        if (negative)
            p++;
        var digits = p;
        ulong mantissa = 0;
        p = Digits(p, ref mantissa);
        var count = p - digits;
        value = 0;
        if (count == 0 || (*digits == '0' && count > 1))
            return null;
        var power = 0;
        if (*p == '.')
        {
            var fraction = ++p;
            p = Digits(p, ref mantissa);
            if (p == fraction)
                return null;
            count += p - fraction;
            power = (int)(fraction - p);
        }

        if ((*p | 0x20) == 'e' && (p = Exponent(p, ref power)) is null)
            return null;
        if (count > 18 || mantissa > MaxExactMantissa || power is < -MaxExactPower or > MaxExactPower)
            return Inexact(start, p, out value) ? p : null;

        // both factors are exact doubles, so that one rounding gives the nearest one (Clinger's fast path)
        value = power < 0 ? mantissa / Powers[-power] : mantissa * Powers[power];
        if (negative)
            value = -value;
        return p;
    }

    /// <summary>
    /// Reads a whole number of at most 18 digits. Returns the end of it, or null: then it may still be one (3.0, 1e5).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* PlainInt64(byte* p, out long value)
    {
        var negative = *p == '-';
        if (negative)
            p++;
        var digits = p;
        ulong mantissa = 0;
        p = Digits(p, ref mantissa);
        var count = p - digits;
        value = negative ? -(long)mantissa : (long)mantissa;
        return count is 0 or > 18 || (*digits == '0' && count > 1) || *p == '.' || (*p | 0x20) == 'e' ? null : p;
    }

    /// <summary>
    /// The value of a JSON number if it is a whole number of 64 bits, however it is written (3, 3.0, 30e-1).
    /// </summary>
    public static bool TryInt64(ReadOnlySpan<byte> number, out long value)
    {
        value = 0;
        var negative = number.Length > 0 && number[0] == '-';
        var i = negative ? 1 : 0;
        Int128 mantissa = 0;
        long scale = 0;
        var zeros = 0;
        var fraction = false;
        for (; i < number.Length && (number[i] | 0x20) != 'e'; i++)
        {
            if (number[i] == '.')
            {
                fraction = true;
                continue;
            }

            scale -= fraction ? 1 : 0;
            zeros++;
            if (number[i] == '0')
                continue;
            if (!Shift(ref mantissa, zeros))
                return false;
            mantissa += number[i] - '0';
            zeros = 0;
        }

        if (mantissa == 0)
            return true;
        if (i < number.Length && !TryExponent(number[(i + 1)..], ref scale))
            return false;
        scale += zeros;
        if (scale < 0 || !Shift(ref mantissa, scale))
            return false;
        if (negative)
            mantissa = -mantissa;
        if (mantissa < long.MinValue || mantissa > long.MaxValue)
            return false;
        value = (long)mantissa;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Digits(byte* p, ref ulong mantissa)
    {
        var word = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(p, 8));
        if (EightDigits(word))
        {
            mantissa = mantissa * 100_000_000 + Eight(word);
            p += 8;
        }

        uint digit;
        while ((digit = (uint)(*p - '0')) <= 9)
        {
            mantissa = mantissa * 10 + digit;
            p++;
        }

        return p;
    }

    private static bool EightDigits(ulong word) =>
        ((word & 0xF0F0F0F0F0F0F0F0) | (((word + 0x0606060606060606) & 0xF0F0F0F0F0F0F0F0) >> 4)) == 0x3333333333333333;

    // pairs, then fours, then all eight digits at once in one register
    private static uint Eight(ulong word)
    {
        word -= 0x3030303030303030;
        word = word * 10 + (word >> 8);
        var high = (word & 0x000000FF000000FF) * 0x000F424000000064;
        var low = ((word >> 16) & 0x000000FF000000FF) * 0x0000271000000001;
        return (uint)((high + low) >> 32);
    }

    private static byte* Exponent(byte* p, ref int power)
    {
        p++;
        var negative = *p == '-';
        if (*p is (byte)'-' or (byte)'+')
            p++;
        var first = p;
        var exponent = 0;
        for (; (uint)(*p - '0') <= 9; p++)
            exponent = Math.Min(exponent * 10 + *p - '0', 100_000);
        power += negative ? -exponent : exponent;
        return p == first ? null : p;
    }

    private static bool Inexact(byte* start, byte* end, out double value) =>
        double.TryParse(
            new ReadOnlySpan<byte>(start, (int)(end - start)), NumberStyles.Float, CultureInfo.InvariantCulture,
            out value)
        && double.IsFinite(value);

    private static bool TryExponent(ReadOnlySpan<byte> digits, ref long scale)
    {
        if (!long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
            || exponent is < -1_000_000_000 or > 1_000_000_000)
            return false;
        scale += exponent;
        return true;
    }

    private static bool Shift(ref Int128 mantissa, long places)
    {
        if (mantissa == 0)
            return true;
        if (places > 19)
            return false;
        for (; places > 0; places--)
            if ((mantissa *= 10) > ulong.MaxValue)
                return false;
        return true;
    }
}
