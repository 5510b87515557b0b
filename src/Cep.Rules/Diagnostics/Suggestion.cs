namespace Cep.Rules.Diagnostics;

/// <summary>Finds what someone who mistyped a name probably meant.</summary>
internal static class Suggestion
{
    private const int LongestName = 64;

    /// <summary>A hint that names the nearest candidate, or null where none is near.</summary>
    public static string? For(string name, IEnumerable<string> candidates) =>
        Nearest(name, candidates) is { } nearest ? $"did you mean '{nearest}'?" : null;

    public static string? Nearest(string name, IEnumerable<string> candidates)
    {
        string? nearest = null;
        var limit = Math.Max(1, name.Length / 3) + 1;
        foreach (var candidate in candidates)
        {
            var distance = Distance(name, candidate, limit);
            if (distance >= limit)
                continue;
            limit = distance;
            nearest = candidate;
        }

        return nearest;
    }

    /// <summary>
    /// Damerau-Levenshtein (optimal string alignment), ignoring case; at least <paramref name="limit"/> where it is not
    /// smaller.
    /// </summary>
    private static int Distance(string a, string b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) >= limit || a.Length > LongestName || b.Length > LongestName)
            return limit;
        Span<int> beforeLast = stackalloc int[b.Length + 1];
        Span<int> last = stackalloc int[b.Length + 1];
        Span<int> current = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            last[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                current[j] = Math.Min(Math.Min(last[j] + 1, current[j - 1] + 1), last[j - 1] + cost);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                    current[j] = Math.Min(current[j], beforeLast[j - 2] + 1);
            }

            last.CopyTo(beforeLast);
            current.CopyTo(last);
        }

        return last[b.Length];
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
