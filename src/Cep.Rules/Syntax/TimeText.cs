using System.Globalization;
using Cep.Events;

namespace Cep.Rules.Syntax;

/// <summary>Instants as rules and tests write them.</summary>
internal static class TimeText
{
    private static readonly string[] s_formats =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>ISO 8601, in UTC where it names no offset; in milliseconds since the epoch.</summary>
    public static bool TryParseIso(string text, out long milliseconds)
    {
        const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        milliseconds = 0;
        if (text.Length < 10 || text[4] != '-'
            || !DateTimeOffset.TryParseExact(text, s_formats, CultureInfo.InvariantCulture, Styles, out var time))
            return false;
        milliseconds = time.ToUnixTimeMilliseconds();
        return true;
    }

    /// <summary>ISO 8601, epoch milliseconds, or an offset from the epoch such as <c>90s</c>.</summary>
    public static bool TryParse(object? value, out long milliseconds)
    {
        milliseconds = 0;
        switch (value)
        {
            case long epoch:
                milliseconds = epoch;
                return true;
            case string text:
                return DurationText.TryParse(text, out milliseconds) || TryParseIso(text, out milliseconds);
            default:
                return false;
        }
    }

    /// <summary>Near the epoch the offset from it, as tests write it, else ISO 8601.</summary>
    public static string Format(long milliseconds) =>
        Math.Abs((decimal)milliseconds) < 366L * 86_400_000 ? DurationText.Format(milliseconds)
        : milliseconds is < -62_135_596_800_000 or > 253_402_300_799_999
            ? milliseconds.ToString(CultureInfo.InvariantCulture)
        : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'",
            CultureInfo.InvariantCulture);
}
