namespace Cep.Simulators;

/// <summary>
/// Logarithm and exponential from additions, multiplications and divisions alone. The platform's own may differ in the
/// last bit from machine to machine, and with it the simulated world.
/// </summary>
internal static class PortableMath
{
    private const double Ln2 = 0.6931471805599453;

    /// <summary>The natural logarithm of a positive, normal number.</summary>
    public static double Ln(double x)
    {
        var bits = BitConverter.DoubleToInt64Bits(x);
        var exponent = (int)(bits >> 52) - 1023;
        var mantissa = BitConverter.Int64BitsToDouble((bits & 0xF_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
        var t = (mantissa - 1) / (mantissa + 1);
        var square = t * t;
        double sum = 0;
        for (var odd = 15; odd >= 1; odd -= 2)
            sum = sum * square + 1.0 / odd;
        return exponent * Ln2 + 2 * t * sum;
    }

    /// <summary>e to the power of x, for x within ±700.</summary>
    public static double Exp(double x)
    {
        var power = (int)(x / Ln2 + (x < 0 ? -0.5 : 0.5));
        var rest = x - power * Ln2;
        var sum = 1.0;
        for (var i = 10; i >= 1; i--)
            sum = 1 + rest * sum / i;
        return sum * BitConverter.Int64BitsToDouble((long)(power + 1023) << 52);
    }
}
