namespace Cep.Connectors.Formats;

/// <summary>ISO 8601 times as bytes to and from milliseconds since 1970-01-01T00:00Z. Years 1 to 9999.</summary>
internal static class IsoTime
{
    public const long MinMs = -62_135_596_800_000;
    public const long MaxMs = 253_402_300_799_999;
    private const long DayMs = 86_400_000;

    /// <summary>
    /// Reads <c>2026-01-31</c>, or that with <c>T12:30[:15[.123456]]</c> and <c>Z</c>, <c>+01:00</c>, <c>+0100</c> or
    /// nothing (UTC). Digits after the millisecond are dropped.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> s, out long ms)
    {
        ms = 0;
        if (s.Length < 10 || s[4] != '-' || s[7] != '-'
            || !Digits(s, 0, 4, out var year) || !Digits(s, 5, 2, out var month) || !Digits(s, 8, 2, out var day))
            return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        ms = DaysSinceEpoch(year, month, day) * DayMs;
        return s.Length == 10 || (s[10] is (byte)'T' or (byte)'t' or (byte)' ' && TryTime(s[11..], ref ms));
    }

    /// <summary>Writes <c>2026-01-31T12:30:15.123Z</c> and returns its length, 24.</summary>
    public static int Write(Span<byte> to, long ms)
    {
        var days = Math.DivRem(ms, DayMs, out var rest);
        if (rest < 0)
        {
            days--;
            rest += DayMs;
        }

        Civil(days, out var year, out var month, out var day);
        Put(to, 0, year / 100);
        Put(to, 2, year % 100);
        to[4] = (byte)'-';
        Put(to, 5, month);
        to[7] = (byte)'-';
        Put(to, 8, day);
        to[10] = (byte)'T';
        var time = (int)rest;
        Put(to, 11, time / 3_600_000);
        to[13] = (byte)':';
        Put(to, 14, time / 60_000 % 60);
        to[16] = (byte)':';
        Put(to, 17, time / 1000 % 60);
        to[19] = (byte)'.';
        to[20] = (byte)('0' + time % 1000 / 100);
        Put(to, 21, time % 100);
        to[23] = (byte)'Z';
        return 24;
    }

    private static bool TryTime(ReadOnlySpan<byte> s, ref long ms)
    {
        if (s.Length < 5 || s[2] != ':' || !Digits(s, 0, 2, out var hour) || !Digits(s, 3, 2, out var minute)
            || hour > 23 || minute > 59)
            return false;
        ms += hour * 3_600_000L + minute * 60_000L;
        s = s[5..];
        if (s.Length > 0 && s[0] == ':')
        {
            // a leap second is the first of the next minute, as everywhere without leap seconds
            if (s.Length < 3 || !Digits(s, 1, 2, out var second) || second > 60)
                return false;
            ms += second * 1000L;
            s = s[3..];
            if (s.Length > 0 && s[0] is (byte)'.' or (byte)',' && !TryFraction(ref s, ref ms))
                return false;
        }

        return TryOffset(s, ref ms) && ms is >= MinMs and <= MaxMs;
    }

    private static bool TryFraction(scoped ref ReadOnlySpan<byte> s, ref long ms)
    {
        var i = 1;
        var scale = 100;
        for (; i < s.Length && s[i] is >= (byte)'0' and <= (byte)'9'; i++)
        {
            ms += (s[i] - '0') * scale;
            scale /= 10;
        }

        s = s[i..];
        return i > 1;
    }

    private static bool TryOffset(ReadOnlySpan<byte> s, ref long ms)
    {
        if (s.Length == 0 || (s.Length == 1 && s[0] is (byte)'Z' or (byte)'z'))
            return true;
        if (s[0] is not ((byte)'+' or (byte)'-') || s.Length is not (3 or 5 or 6) || !Digits(s, 1, 2, out var hours))
            return false;
        var minutes = 0;
        if (s.Length == 6 && s[3] != ':')
            return false;
        if (s.Length > 3 && !Digits(s, s.Length - 2, 2, out minutes))
            return false;
        if (hours > 23 || minutes > 59)
            return false;
        var offset = hours * 3_600_000L + minutes * 60_000L;
        ms -= s[0] == '+' ? offset : -offset;
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> s, int at, int count, out int value)
    {
        value = 0;
        for (var i = at; i < at + count; i++)
        {
            var digit = s[i] - '0';
            if ((uint)digit > 9)
                return false;
            value = value * 10 + digit;
        }

        return true;
    }

    // Howard Hinnant's days_from_civil and its inverse: the proleptic Gregorian calendar in eras of 400 years
    private static long DaysSinceEpoch(int year, int month, int day)
    {
        var y = month <= 2 ? year - 1 : year;
        var era = y / 400;
        var yearOfEra = y - era * 400;
        var dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        var dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097L + dayOfEra - 719_468;
    }

    private static void Civil(long days, out int year, out int month, out int day)
    {
        var z = days + 719_468;
        var era = (int)(z / 146_097);
        var dayOfEra = (int)(z - era * 146_097L);
        var yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        var dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        var shifted = (5 * dayOfYear + 2) / 153;
        day = dayOfYear - (153 * shifted + 2) / 5 + 1;
        month = shifted < 10 ? shifted + 3 : shifted - 9;
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    }

    private static void Put(Span<byte> to, int at, int twoDigits)
    {
        to[at] = (byte)('0' + twoDigits / 10);
        to[at + 1] = (byte)('0' + twoDigits % 10);
    }
}
