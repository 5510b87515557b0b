using System.Globalization;
using System.Text;
using Cep.Alerts;
using Cep.Connectors.Formats;
using Cep.Host.Deployments;
using Cep.Plans;

namespace Cep.Host.Notifying;

/// <summary>
/// Decides which alerts go where and when: routes, groups, repeats, inhibition, silences, escalation, after the example
/// of Alertmanager. It waits for nothing and reads no clock: it is told what has come and what time it is, and answers
/// with what is to go out, always the same for the same input. Any thread.
/// </summary>
public sealed partial class Notifier
{
    private const int MaxMembers = 100_000;

    // an alert that is muted by itself is looked at again so often
    private static readonly TimeSpan MutedInterval = TimeSpan.FromMinutes(1);
    private static readonly DateTimeOffset Never = DateTimeOffset.MaxValue;
    private readonly Lock _lock = new();
    private readonly IReadOnlyList<Route> _routes;
    private readonly Mutes _mutes;
    private readonly Func<string, bool> _resolves;
    private readonly Dictionary<string, NotificationGroup> _groups = new(StringComparer.Ordinal);
    private readonly PriorityQueue<NotificationGroup, (DateTimeOffset Due, string Key)> _due = new();
    private int _members;

    /// <param name="settings">Routes, silences and inhibitions; without routes all alerts go to all sinks.</param>
    /// <param name="resolves">Tells of a rule whether what fires is resolved at some time.</param>
    public Notifier(Deployment settings, Func<string, bool> resolves)
    {
        _routes = settings.Routes.Count > 0
            ? settings.Routes
            : [new Route([.. settings.Sinks.Select(s => s.Name)], _ => true)];
        _mutes = new Mutes(settings.Inhibitions, settings.Silences);
        _resolves = resolves;
    }

    /// <summary>Alerts that were not told because they were silenced or inhibited to their end.</summary>
    public long Muted { get; private set; }

    /// <summary>Alerts that went out by themselves because too many waited in groups.</summary>
    public long Ungrouped { get; private set; }

    /// <summary>How many groups there are, and alerts in them; where a route does not group, one of each.</summary>
    public (int Groups, int Members) Held
    {
        get
        {
            lock (_lock)
                return (_groups.Count, _members);
        }
    }

    /// <summary>When <see cref="Tick"/> has something to do; null: not before an alert comes.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_lock)
            {
                while (_due.TryPeek(out var group, out var at) && !IsCurrent(group, at.Due))
                    _due.Dequeue();
                return _due.TryPeek(out _, out var next) ? next.Due : null;
            }
        }
    }

    /// <summary>Silences now and to come.</summary>
    public IReadOnlyList<Silence> Silences
    {
        get
        {
            lock (_lock)
                return [.. _mutes.Silences];
        }
    }

    /// <summary>Takes an alert; what is to go out at once is added to <paramref name="to"/>.</summary>
    public void Add(Alert alert, DateTimeOffset now, ICollection<Notification> to)
    {
        lock (_lock)
        {
            var resolves = _resolves(alert.Rule);
            var incident = resolves ? IncidentOf(alert) : alert.Id;
            _mutes.Note(incident, alert, resolves, now);
            var taken = new HashSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < _routes.Count; i++)
            {
                var route = _routes[i];
                if (!route.Matches(alert))
                    continue;

                // a sink gets an alert once, by the first route that leads there
                string[] sinks = [.. route.To.Where(taken.Add)];
                if (sinks.Length > 0)
                    Add(new Entry(route, i, sinks, incident, alert, resolves), now, to);
                if (!route.Continue)
                    break;
            }
        }
    }

    /// <summary>What is to go out by now: groups that have waited, repeats, escalations.</summary>
    public void Tick(DateTimeOffset now, ICollection<Notification> to)
    {
        lock (_lock)
        {
            while (_due.TryPeek(out var group, out var at) && at.Due <= now)
            {
                _due.Dequeue();
                if (IsCurrent(group, at.Due))
                    Flush(group, now, to);
            }
        }
    }

    /// <summary>What waits in groups goes out now: there is no later.</summary>
    public void Drain(DateTimeOffset now, ICollection<Notification> to)
    {
        lock (_lock)
        {
            var groups = _groups.Values.OrderBy(g => g.Due).ThenBy(g => g.Key, StringComparer.Ordinal);
            foreach (var group in groups)
                Tell(group, now, to);
        }
    }

    /// <summary>Alerts that match are not told until then.</summary>
    /// <exception cref="FormatException">The expression is none; the message says why.</exception>
    /// <exception cref="InvalidOperationException">There are too many silences.</exception>
    public Silence AddSilence(string match, DateTimeOffset until, string why, DateTimeOffset now)
    {
        var silence = new Silence(match, AlertMatch.Compile(match), until, why);
        lock (_lock)
            _mutes.Add(silence, now);
        return silence;
    }

    /// <summary>Somebody cares for an alert: it is neither repeated nor escalated.</summary>
    /// <returns>Whether it is one that still fires, or is waited for.</returns>
    public bool Acknowledge(string alertId)
    {
        lock (_lock)
        {
            var members = _groups.Values.SelectMany(g => g.Members).Where(m => m.Alert.Id == alertId).ToList();
            members.ForEach(m => m.IsAcknowledged = true);
            return members.Count > 0;
        }
    }

    private readonly record struct Entry(
        Route Route, int Index, string[] Sinks, string Incident, Alert Alert, bool Resolves);

    private void Add(Entry entry, DateTimeOffset now, ICollection<Notification> to)
    {
        var by = entry.Route.GroupBy;
        var key = KeyOf(entry, by);
        if (by is null)
        {
            AddSingle(entry, key, now, to);
            return;
        }

        var group = _groups.GetValueOrDefault(key);
        if (group?.Find(entry.Incident) is { } member)
        {
            if (entry.Alert.Status == AlertStatus.Firing && !member.IsFiring)
                member.BeginAgain();
            member.Alert = entry.Alert;
        }
        else if (entry.Alert.Status == AlertStatus.Resolved)
        {
            // what is over was not told by this group: there is nothing to take back
        }
        else if (_members >= MaxMembers)
        {
            Ungrouped++;
            to.Add(new Notification(entry.Sinks, entry.Alert));
        }
        else
        {
            group ??= Begin(entry, key, now + entry.Route.GroupWait);
            Join(group, entry);
        }
    }

    private void AddSingle(Entry entry, string key, DateTimeOffset now, ICollection<Notification> to)
    {
        var group = _groups.GetValueOrDefault(key);
        if (entry.Alert.Status == AlertStatus.Resolved)
        {
            var known = group?.Members[0];
            if (group is not null)
                End(group);
            if (known is { Told: null })
                Muted++;
            else
                to.Add(new Notification(Reached(entry.Route, entry.Sinks, known), entry.Alert));
            return;
        }

        var isMuted = _mutes.IsMuted(entry.Incident, entry.Alert, now);
        if (!isMuted)
            to.Add(new Notification(entry.Sinks, entry.Alert));
        if (!entry.Resolves)
        {
            Muted += isMuted ? 1 : 0;
            return;
        }

        if (group is not null)
            End(group);
        if (_members >= MaxMembers || (!isMuted && entry.Route is { Repeat: null, Escalate: null }))
            return;
        group = Begin(entry, key, now + MutedInterval);
        var member = Join(group, entry);
        if (isMuted)
            return;
        member.Told = group.Told = now;
        Schedule(group, NextOf(group, entry.Route, now) ?? now + MutedInterval);
    }

    private NotificationGroup Begin(Entry entry, string key, DateTimeOffset due)
    {
        var group = new NotificationGroup(key, entry.Index, entry.Sinks);
        _groups.Add(key, group);
        Schedule(group, due);
        return group;
    }

    private NotificationGroup.Member Join(NotificationGroup group, Entry entry)
    {
        var member = new NotificationGroup.Member(entry.Incident, entry.Alert);
        group.Members.Add(member);
        _members++;
        return member;
    }

    private void End(NotificationGroup group)
    {
        _members -= group.Members.Count;
        _groups.Remove(group.Key);
    }

    private void Schedule(NotificationGroup group, DateTimeOffset due)
    {
        group.Due = due;
        Enqueue(group);
        if (_due.Count > (2 * _groups.Count) + 1024)
        {
            // most of it is of groups that are gone or have another time by now
            _due.Clear();
            foreach (var left in _groups.Values)
                Enqueue(left);
        }
    }

    private void Enqueue(NotificationGroup group)
    {
        if (group.Due != Never)
            _due.Enqueue(group, (group.Due, group.Key));
    }

    private bool IsCurrent(NotificationGroup group, DateTimeOffset due) =>
        group.Due == due && _groups.GetValueOrDefault(group.Key) == group;

    private static IReadOnlyList<string> Reached(
        Route route, IReadOnlyList<string> sinks, NotificationGroup.Member? member) =>
        member is { IsEscalated: true } && route.Escalate is { } escalation
            ? [.. sinks.Union(escalation.To)]
            : sinks;

    private static string KeyOf(Entry entry, IReadOnlyList<AlertField>? by)
    {
        var parts = by is null ? [entry.Incident] : by.Select(f => f.Of(entry.Alert));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{entry.Index}\n{string.Join(',', entry.Sinks)}\n{string.Join('\u001f', parts)}");
    }

    private static string IncidentOf(Alert alert)
    {
        var key = new Utf8Buffer();
        AlertJson.WriteKey(key, alert);
        return $"{alert.Rule}\u001f{Encoding.UTF8.GetString(key.Written)}";
    }
}
