namespace Cep.Events;

/// <summary>Durations as rules write them: <c>250ms 30s 5m 1h30m 7d</c>.</summary>
public static class DurationText
{
    /// <summary>The units, for messages.</summary>
    public const string Units = "ms, s, m, h and d";

    /// <summary>Reads a duration, negative ones too; a bare 0 is one.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long milliseconds)
    {
        milliseconds = 0;
        if (text is "0")
            return true;
        var negative = text is ['-', ..];
        if (negative)
            text = text[1..];
        if (Scan(text, out milliseconds) is var length && (length == 0 || length != text.Length))
            return false;
        if (negative)
            milliseconds = -milliseconds;
        return true;
    }

    /// <summary>Reads a duration given as UTF-8.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out long milliseconds)
    {
        Span<char> text = stackalloc char[64];
        milliseconds = 0;
        return utf8.Length <= text.Length
            && System.Text.Encoding.UTF8.TryGetChars(utf8, text, out var length)
            && TryParse(text[..length], out milliseconds);
    }

    /// <summary>
    /// The length of the duration that the text begins with, or 0 where there is none or it is out of range.
    /// </summary>
    public static int Scan(ReadOnlySpan<char> text, out long milliseconds)
    {
        milliseconds = 0;
        var at = 0;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            var digits = at;
            while (digits < text.Length && char.IsAsciiDigit(text[digits]))
                digits++;
            var (unit, factor) = Unit(text[digits..]);
            if (unit == 0 || !long.TryParse(text[at..digits], out var count)
                || count > (long.MaxValue / 4 - milliseconds) / factor)
                return 0;
            milliseconds += count * factor;
            at = digits + unit;
        }

        return at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_') ? 0 : at;
    }

    /// <summary>The shortest way to write a duration.</summary>
    public static string Format(long milliseconds)
    {
        if (milliseconds == 0)
            return "0s";
        var text = milliseconds < 0 ? "-" : "";
        var rest = Math.Abs((decimal)milliseconds);
        foreach (var (unit, factor) in (ReadOnlySpan<(string, long)>)[("d", 86_400_000), ("h", 3_600_000),
            ("m", 60_000), ("s", 1000), ("ms", 1)])
        {
            var count = decimal.Floor(rest / factor);
            if (count > 0)
                text += FormattableString.Invariant($"{count}{unit}");
            rest -= count * factor;
        }

        return text;
    }

    private static (int Length, long Factor) Unit(ReadOnlySpan<char> text) => text switch
    {
        ['m', 's', ..] => (2, 1),
        ['s', ..] => (1, 1000),
        ['m', ..] => (1, 60_000),
        ['h', ..] => (1, 3_600_000),
        ['d', ..] => (1, 86_400_000),
        _ => (0, 1),
    };
}
