using System.Globalization;
using System.Text;

namespace Cep.Connectors.Formats;

/// <summary>Durations as the rule language writes them: <c>250ms</c>, <c>1h30m</c>, <c>7d</c>.</summary>
internal static class DurationText
{
    private static readonly (string Name, long Ms)[] Units =
        [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

    public static bool TryParse(ReadOnlySpan<byte> s, out long ms)
    {
        ms = 0;
        var negative = s.Length > 0 && s[0] == '-';
        if (negative)
            s = s[1..];
        if (s.Length == 0)
            return false;
        var unit = -1;
        while (s.Length > 0)
        {
            if (!TryPart(ref s, ref unit, out var part) || part > long.MaxValue - ms)
                return false;
            ms += part;
        }

        if (negative)
            ms = -ms;
        return true;
    }

    /// <summary>The shortest such text: <c>1m30s</c>, <c>0s</c>.</summary>
    public static string Format(long ms)
    {
        if (ms == 0)
            return "0s";
        var text = new StringBuilder(ms < 0 ? "-" : "");
        var rest = ms < 0 ? 0UL - (ulong)ms : (ulong)ms;
        foreach (var (name, size) in Units)
        {
            var count = rest / (ulong)size;
            rest %= (ulong)size;
            if (count > 0)
                text.Append(CultureInfo.InvariantCulture, $"{count}{name}");
        }

        return text.ToString();
    }

    private static bool TryPart(scoped ref ReadOnlySpan<byte> s, ref int unit, out long ms)
    {
        ms = 0;
        var digits = 0;
        long number = 0;
        for (; digits < s.Length && s[digits] is >= (byte)'0' and <= (byte)'9'; digits++)
        {
            if (digits == 15)
                return false;
            number = number * 10 + s[digits] - '0';
        }

        var end = digits;
        while (end < s.Length && s[end] is >= (byte)'a' and <= (byte)'z')
            end++;
        var name = Encoding.ASCII.GetString(s[digits..end]);
        var index = Array.FindIndex(Units, u => u.Name == name);
        if (digits == 0 || index <= unit)
            return false;
        unit = index;
        s = s[end..];
        ms = number > long.MaxValue / Units[index].Ms ? -1 : number * Units[index].Ms;
        return ms >= 0;
    }
}
