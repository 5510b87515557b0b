using System.Numerics;

namespace Cep.Simulators;

/// <summary>
/// Blackman and Vigna's xoshiro256** 1.0 (prng.di.unimi.it/xoshiro256starstar.c), seeded through SplitMix64, with the
/// distributions that the worlds need. System.Random promises no sequence across versions.
/// </summary>
internal sealed class Xoshiro256
{
    private ulong _s0, _s1, _s2, _s3;

    public Xoshiro256(ulong seed)
    {
        _s0 = SplitMix64.Mix(seed);
        _s1 = SplitMix64.Mix(_s0);
        _s2 = SplitMix64.Mix(_s1);
        _s3 = SplitMix64.Mix(_s2);
    }

    public ulong Next()
    {
        unchecked
        {
            var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
            var t = _s1 << 17;
            _s2 ^= _s0;
            _s3 ^= _s1;
            _s1 ^= _s2;
            _s0 ^= _s3;
            _s2 ^= t;
            _s3 = BitOperations.RotateLeft(_s3, 45);
            return result;
        }
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, bound).</summary>
    public int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>Uniform in [low, high], both included.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    public bool Chance(double probability) => Unit() < probability;

    /// <summary>Mean 1.</summary>
    public double Exponential() => -PortableMath.Ln(1 - Unit());

    /// <summary>About normal, mean 0, deviation 1: six uniform numbers added up, so never beyond 4.3.</summary>
    public double Normal()
    {
        const double scale = 1.0 / (1UL << 32);
        double sum = 0;
        for (var i = 0; i < 3; i++)
        {
            var bits = Next();
            sum += ((bits >> 32) + (bits & 0xFFFF_FFFF)) * scale;
        }

        return (sum - 3) * 1.4142135623730951;
    }

    /// <summary>Log-normal with this median; <paramref name="spread"/> is the deviation of the logarithm.</summary>
    public double LogNormal(double median, double spread) => median * PortableMath.Exp(Normal() * spread);
}
