using Cep.Alerts;
using Cep.Plans;
using Cep.State;

namespace Cep.Host.Notifying;

/// <summary>Alerts that go out together; where a route does not group, one alert by itself.</summary>
internal sealed class NotificationGroup(string key, int route, IReadOnlyList<string> to)
{
    /// <summary>An alert, and what was told of it.</summary>
    internal sealed class Member(string incident, Alert alert)
    {
        public string Incident { get; } = incident;

        /// <summary>The last of it: it fires, or is resolved.</summary>
        public Alert Alert { get; set; } = alert;

        public bool IsFiring => Alert.Status == AlertStatus.Firing;

        /// <summary>When it was first told that it fires.</summary>
        public DateTimeOffset? Told { get; set; }

        public bool IsEscalated { get; set; }

        /// <summary>Somebody cares: it is neither repeated nor escalated.</summary>
        public bool IsAcknowledged { get; set; }

        /// <summary>It fires again after it was over.</summary>
        public void BeginAgain()
        {
            Told = null;
            IsEscalated = IsAcknowledged = false;
        }
    }

    public string Key { get; } = key;

    public int Route { get; } = route;

    /// <summary>The sinks it goes to, but for escalation.</summary>
    public IReadOnlyList<string> To { get; } = to;

    /// <summary>In the order they came.</summary>
    public List<Member> Members { get; } = [];

    /// <summary>When it is looked at next.</summary>
    public DateTimeOffset Due { get; set; }

    /// <summary>When it last went out.</summary>
    public DateTimeOffset? Told { get; set; }

    /// <summary>How often it went out.</summary>
    public int Times { get; set; }

    public Member? Find(string incident) => Members.Find(m => m.Incident == incident);

    public void Save(StateWriter writer)
    {
        writer.Text(Key);
        writer.Int(Route);
        writer.Int(To.Count);
        foreach (var sink in To)
            writer.Text(sink);
        writer.Long(Due.UtcTicks);
        writer.Long(Told?.UtcTicks ?? 0);
        writer.Int(Times);
        writer.Int(Members.Count);
        foreach (var member in Members)
        {
            writer.Text(member.Incident);
            SavedAlert.Write(writer, member.Alert);
            writer.Long(member.Told?.UtcTicks ?? 0);
            writer.Bool(member.IsEscalated);
            writer.Bool(member.IsAcknowledged);
        }
    }

    public static NotificationGroup Load(StateReader reader)
    {
        var (key, route) = (reader.Text()!, reader.Int());
        var to = new string[reader.Count()];
        for (var i = 0; i < to.Length; i++)
            to[i] = reader.Text()!;
        var group = new NotificationGroup(key, route, to)
        {
            Due = Time(reader.Long())!.Value,
            Told = Time(reader.Long()),
            Times = reader.Int(),
        };
        for (var n = reader.Count(); n > 0; n--)
            group.Members.Add(new Member(reader.Text()!, SavedAlert.Read(reader))
            {
                Told = Time(reader.Long()),
                IsEscalated = reader.Bool(),
                IsAcknowledged = reader.Bool(),
            });
        return group;
    }

    private static DateTimeOffset? Time(long ticks) => ticks == 0 ? null : new DateTimeOffset(ticks, TimeSpan.Zero);
}
