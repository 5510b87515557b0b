using System.Numerics;

namespace Cep.Detection;

/// <summary>Sets of rows, 64 a word.</summary>
internal static class Bits
{
    /// <summary>Makes the first words hold exactly the rows from..to.</summary>
    public static void Range(ulong[] set, int from, int to, int words)
    {
        Array.Fill(set, ulong.MaxValue, 0, words);
        if ((to & 63) != 0)
            set[words - 1] = (1UL << to) - 1;
        Array.Clear(set, 0, from >> 6);
        if (from >> 6 < words)
            set[from >> 6] &= ulong.MaxValue << from;
    }

    public static int Count(ulong[] set, int words)
    {
        var count = 0;
        for (var word = 0; word < words; word++)
            count += BitOperations.PopCount(set[word]);
        return count;
    }
}
