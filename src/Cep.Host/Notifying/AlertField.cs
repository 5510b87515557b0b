using System.Text;
using Cep.Alerts;
using Cep.Connectors.Formats;

namespace Cep.Host.Notifying;

/// <summary>
/// A part of alerts that they are compared by: <c>rule</c>, <c>severity</c>, <c>key.NAME</c>, <c>labels.NAME</c>, or a
/// bare name, which is a label or else a part of the key.
/// </summary>
public sealed record AlertField(string Name)
{
    private const string OfKey = "key.";
    private const string OfLabels = "labels.";

    /// <summary>Its value in an alert; empty where there is none.</summary>
    public string Of(Alert alert) => Name switch
    {
        "rule" => alert.Rule,
        "severity" => alert.Severity.ToString().ToLowerInvariant(),
        _ when Name.StartsWith(OfKey, StringComparison.Ordinal) => Key(alert, Name[OfKey.Length..]) ?? "",
        _ when Name.StartsWith(OfLabels, StringComparison.Ordinal) => Label(alert, Name[OfLabels.Length..]) ?? "",
        _ => Label(alert, Name) ?? Key(alert, Name) ?? "",
    };

    private static string? Label(Alert alert, string name) => alert.Labels.FirstOrDefault(l => l.Key == name).Value;

    private static string? Key(Alert alert, string name)
    {
        var value = alert.Key.FirstOrDefault(k => k.Key == name).Value;
        if (value is string or null)
            return (string?)value;
        var json = new Utf8Buffer();
        AlertJson.Value(json, value);
        return Encoding.UTF8.GetString(json.Written);
    }
}
