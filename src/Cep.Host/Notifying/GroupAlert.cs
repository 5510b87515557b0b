using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Cep.Alerts;
using Cep.Plans;

namespace Cep.Host.Notifying;

/// <summary>
/// The alert that stands for a group: the worst severity, the labels all have, the grouped fields as key, and the
/// alerts themselves as <c>fields.alerts</c> (the first of them where there are many), without their evidence.
/// </summary>
internal static class GroupAlert
{
    private const int MaxShown = 100;
    private const int MaxMessages = 3;

    /// <param name="group">Where the alerts are from.</param>
    /// <param name="by">What they are grouped by.</param>
    /// <param name="alerts">The alerts, one at least.</param>
    /// <param name="kind">Tells notifications of the same alerts apart, such as repeats.</param>
    public static Alert Of(
        NotificationGroup group, IReadOnlyList<AlertField> by, IReadOnlyList<Alert> alerts, string kind)
    {
        var firing = alerts.Count(a => a.Status == AlertStatus.Firing);
        return new Alert
        {
            Id = Id(group, alerts, kind),

            // with the key it says which alerts go one after another: it must not change from one to the next
            Rule = by.Any(f => f.Name == "rule") ? alerts[0].Rule : "group",
            AtMs = alerts.Max(a => a.AtMs),
            Status = firing > 0 ? AlertStatus.Firing : AlertStatus.Resolved,
            Severity = alerts.Max(a => a.Severity),
            Key = [.. by.Select(f => new KeyValuePair<string, object?>(f.Name, f.Of(alerts[0])))],
            Message = Message(alerts, firing),
            Labels = [.. alerts[0].Labels.Where(l => alerts.All(a => a.Labels.Contains(l)))],
            Fields =
            [
                new("firing", (long)firing),
                new("resolved", (long)(alerts.Count - firing)),
                new("alerts", alerts.Take(MaxShown).Select(Shown).ToArray()),
            ],
            Evidence = [],
        };
    }

    private static string Message(IReadOnlyList<Alert> alerts, int firing)
    {
        if (alerts.Count == 1)
            return alerts[0].Message;
        var counts = firing == alerts.Count
            ? string.Create(CultureInfo.InvariantCulture, $"{firing} firing")
            : firing == 0
                ? string.Create(CultureInfo.InvariantCulture, $"{alerts.Count} resolved")
                : string.Create(CultureInfo.InvariantCulture, $"{firing} firing, {alerts.Count - firing} resolved");
        var more = alerts.Count > MaxMessages ? "; …" : "";
        return $"{counts}: {string.Join("; ", alerts.Take(MaxMessages).Select(a => a.Message))}{more}";
    }

    private static object? Shown(Alert alert) => new Dictionary<string, object?>
    {
        ["id"] = alert.Id,
        ["rule"] = alert.Rule,
        ["at"] = DateTimeOffset.FromUnixTimeMilliseconds(alert.AtMs),
        ["status"] = alert.Status == AlertStatus.Firing ? "firing" : "resolved",
        ["severity"] = alert.Severity.ToString().ToLowerInvariant(),
        ["key"] = alert.Key.ToDictionary(k => k.Key, k => k.Value),
        ["message"] = alert.Message,
        ["labels"] = alert.Labels.ToDictionary(l => l.Key, l => (object?)l.Value),
        ["fields"] = alert.Fields.ToDictionary(f => f.Key, f => f.Value),
    };

    // of what it says, so that the same notification has the same id in every run, and another one has another
    private static string Id(NotificationGroup group, IReadOnlyList<Alert> alerts, string kind)
    {
        var text = new StringBuilder(group.Key).Append('\n').Append(kind);
        foreach (var alert in alerts)
            text.Append('\n').Append(alert.Id);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..32];
    }
}
