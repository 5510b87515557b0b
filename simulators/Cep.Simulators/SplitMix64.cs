namespace Cep.Simulators;

/// <summary>Steele, Lea and Flood's SplitMix64 (OOPSLA 2014), as at prng.di.unimi.it/splitmix64.c.</summary>
internal static class SplitMix64
{
    /// <summary>One step from the state given. It is a bijection: different inputs have different outputs.</summary>
    public static ulong Mix(ulong state)
    {
        var z = unchecked(state + 0x9E3779B97F4A7C15UL);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EBUL);
        return z ^ (z >> 31);
    }
}
