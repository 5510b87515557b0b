using Cep.Alerts;

namespace Cep.Host.Notifying;

/// <summary>An alert or a notification that goes out, and where to.</summary>
/// <param name="Alert">What is kept and sent.</param>
/// <param name="To">Its sinks; none: it is only kept.</param>
/// <param name="IsRaised">A rule has raised it; else it stands for others, such as a group or a repeat.</param>
internal sealed record Outgoing(Alert Alert, IReadOnlyList<string> To, bool IsRaised)
{
    /// <summary>What comes of alerts at once: each of them, and what they make the notifier say.</summary>
    public static List<Outgoing> Of(IReadOnlyList<Alert> alerts, Notifier notifier, DateTimeOffset now)
    {
        var outgoing = new List<Outgoing>(alerts.Count);
        var notifications = new List<Notification>();
        foreach (var alert in alerts)
        {
            notifications.Clear();
            if (!alert.Shadow)
                notifier.Add(alert, now, notifications);
            var own = notifications.Where(n => n.Alert.Id == alert.Id).SelectMany(n => n.To).Distinct();
            outgoing.Add(new Outgoing(alert, [.. own], IsRaised: true));
            outgoing.AddRange(Of(notifications.Where(n => n.Alert.Id != alert.Id)));
        }

        return outgoing;
    }

    public static IEnumerable<Outgoing> Of(IEnumerable<Notification> notifications) =>
        notifications.Select(n => new Outgoing(n.Alert, n.To, IsRaised: false));
}
