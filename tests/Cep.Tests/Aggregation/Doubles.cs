using System.Globalization;
using System.Numerics;

namespace Cep.Tests.Aggregation;

/// <summary>Doubles of all sizes, and exact arithmetic on them by way of big integers.</summary>
internal static class Doubles
{
    private static readonly BigInteger Scale = BigInteger.Pow(5, 1074);

    /// <summary>Finite doubles: plain ones, and now and then the smallest and largest there are.</summary>
    public static double[] Any(Random random, int count)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++)
            values[i] = random.Next(8) switch
            {
                0 => random.Next(-1000, 1000),
                1 => AnyBits(random),
                2 => double.Epsilon * random.Next(-5, 6),
                3 => (random.NextDouble() - 0.5) * 1e-18,
                4 => (random.NextDouble() - 0.5) * 1e19,
                _ => Math.Round((random.NextDouble() - 0.5) * 1000, random.Next(6)),
            };
        return values;
    }

    /// <summary>The value in units of 2^-1074: every finite double is a whole number of them.</summary>
    public static BigInteger Units(double value)
    {
        if (value == 0)
            return BigInteger.Zero;
        var exponent = Math.Max(-1022, Math.ILogB(value));
        var mantissa = new BigInteger(Math.ScaleB(value, 52 - exponent));
        return mantissa << (exponent - 52 + 1074);
    }

    /// <summary>
    /// The double nearest to so many units of 2^-1074, which the runtime's parser finds from the exact decimal.
    /// </summary>
    public static double Nearest(BigInteger units) =>
        double.Parse($"{units * Scale}E-1074", CultureInfo.InvariantCulture);

    private static double AnyBits(Random random)
    {
        while (true)
        {
            var value = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
            if (double.IsFinite(value) && Math.Abs(value) < 1e306)
                return value;
        }
    }
}
