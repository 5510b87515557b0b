using System.Globalization;
using Cep.Alerts;

namespace Cep.Tests.Laws;

/// <summary>All that an alert says but for positions, as a line.</summary>
internal static class AlertText
{
    public static string Of(Alert a) =>
        $"{a.AtMs} {a.Rule} {Of(a.Key)} {a.Status} {a.Severity} window {a.Window} revision {a.Revision} " +
        $"suppressed {a.Suppressed} shadow {a.Shadow} '{a.Message}' {Of(a.Labels)} {Of(a.Fields)} " +
        $"[{string.Join("; ", a.Evidence.Select(e => $"{e.Step} {e.Stream} {e.TimeMs} {Of(e.Event)}"))}] id {a.Id}";

    private static string Of<T>(IEnumerable<KeyValuePair<string, T>> values) =>
        "{" + string.Join(", ", values.Select(v => $"{v.Key}: {Of(v.Value)}")) + "}";

    private static string Of(object? value) => value switch
    {
        null => "null",
        string text => $"'{text}'",
        double number => number.ToString("R", CultureInfo.InvariantCulture) + "d",
        object?[] items => "[" + string.Join(", ", items.Select(Of)) + "]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
