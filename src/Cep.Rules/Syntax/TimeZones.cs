using Cep.Rules.Diagnostics;

namespace Cep.Rules.Syntax;

/// <summary>Checks the names of time zones against the machine's IANA data.</summary>
internal static class TimeZones
{
    /// <summary>What is wrong with the name of a zone, or null.</summary>
    public static (string Message, string? Hint)? Problem(string zone)
    {
        if (zone.Length > 0 && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            return null;
        var hint = Suggestion.For(zone, TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id));
        return ($"There is no time zone '{zone}'.", hint ?? "zones have IANA names such as Europe/Berlin");
    }
}
