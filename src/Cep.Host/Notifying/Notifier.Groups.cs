using System.Globalization;
using Cep.Alerts;

namespace Cep.Host.Notifying;

/// <summary>What groups tell when their time has come.</summary>
public sealed partial class Notifier
{
    private void Flush(NotificationGroup group, DateTimeOffset now, ICollection<Notification> to)
    {
        Tell(group, now, to);
        if (group.Members.Count == 0)
        {
            // what comes soon after belongs to it
            if (_routes[group.Route].GroupBy is not null && group.Told == now)
                Schedule(group, now + _routes[group.Route].GroupInterval);
            else
                End(group);
            return;
        }

        Repeat(group, now, to);
        Escalate(group, now, to);
        var route = _routes[group.Route];
        var look = now + (route.GroupBy is null ? MutedInterval : route.GroupInterval);
        var needsLook = route.GroupBy is not null || group.Members.Exists(m => m.Told is null);
        var next = NextOf(group, route, now);
        if (next is null && !needsLook)
        {
            // whom it was escalated to are told its end
            if (group.Members.Exists(m => m.IsEscalated))
                Schedule(group, Never);
            else
                End(group);
            return;
        }

        Schedule(group, next is { } at && (!needsLook || at < look) ? at : look);
    }

    /// <summary>Tells what is new: alerts that fire, and the end of those that were told.</summary>
    private void Tell(NotificationGroup group, DateTimeOffset now, ICollection<Notification> to)
    {
        var route = _routes[group.Route];
        var over = group.Members.Where(m => !m.IsFiring).ToList();
        var isNew = group.Members.Where(m => m.IsFiring && m.Told is null && !IsMuted(m, now)).ToList();
        var ended = over.Where(m => m.Told is not null).ToList();
        Muted += over.Count - ended.Count;
        if (isNew.Count > 0 || ended.Count > 0)
        {
            var told = group.Members.Where(m => (m.IsFiring && m.Told is not null) || isNew.Contains(m)).Concat(ended);
            Send(group, group.To, [.. told.Select(m => m.Alert)], "", to);
            var escalated = ended.Where(m => m.IsEscalated).Select(m => m.Alert).ToList();
            if (escalated.Count > 0 && route.Escalate is { } escalation)
                Send(group, [.. escalation.To.Except(group.To)], escalated, "escalated", to);
            isNew.ForEach(m => m.Told = now);
            group.Told = now;
        }

        // what never resolves is told once, or was muted
        var oneOffs = group.Members.Where(m => m.IsFiring && !_resolves(m.Alert.Rule)).ToList();
        Muted += oneOffs.Count(m => m.Told is null);
        _members -= group.Members.RemoveAll(m => over.Contains(m) || oneOffs.Contains(m));
    }

    private void Repeat(NotificationGroup group, DateTimeOffset now, ICollection<Notification> to)
    {
        if (_routes[group.Route].Repeat is not { } repeat || group.Told is not { } told || told + repeat > now)
            return;
        var firing = group.Members.Where(m => m is { IsFiring: true, IsAcknowledged: false, Told: not null }
            && !IsMuted(m, now)).Select(m => m.Alert).ToList();
        group.Told = now;
        if (firing.Count == 0)
            return;
        group.Times++;
        Send(group, group.To, firing, string.Create(CultureInfo.InvariantCulture, $"repeat {group.Times}"), to);
    }

    private void Escalate(NotificationGroup group, DateTimeOffset now, ICollection<Notification> to)
    {
        if (_routes[group.Route].Escalate is not { } escalation)
            return;
        var ignored = group.Members.Where(m => IsIgnored(m) && m.Told + escalation.After <= now).ToList();
        var told = ignored.Where(m => !IsMuted(m, now)).ToList();
        told.ForEach(m => m.IsEscalated = true);
        if (told.Count > 0)
            Send(group, escalation.To, [.. told.Select(m => m.Alert)], "escalation", to);
    }

    private void Send(
        NotificationGroup group, IReadOnlyList<string> sinks, List<Alert> alerts, string kind,
        ICollection<Notification> to)
    {
        if (sinks.Count == 0 || alerts.Count == 0)
            return;
        if (_routes[group.Route].GroupBy is { } by)
            to.Add(new Notification(sinks, GroupAlert.Of(group, by, alerts, kind)));
        else if (kind.Length == 0)
            to.Add(new Notification(sinks, alerts[0]));
        else
            to.Add(new Notification(sinks, alerts[0] with { Id = $"{alerts[0].Id}-{kind.Replace(' ', '-')}" }));
    }

    /// <summary>When a group has something to say again, if nothing changes; null: never.</summary>
    private static DateTimeOffset? NextOf(NotificationGroup group, Route route, DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        if (route.Repeat is { } repeat && group.Told is { } told)
            next = told + repeat;
        if (route.Escalate is not { } escalation)
            return next;
        foreach (var member in group.Members.Where(IsIgnored))
        {
            // one that is muted at the moment is tried again later
            var at = member.Told!.Value + escalation.After;
            at = at > now ? at : now + MutedInterval;
            next = next is null || at < next ? at : next;
        }

        return next;
    }

    private static bool IsIgnored(NotificationGroup.Member member) =>
        member is { IsFiring: true, IsEscalated: false, IsAcknowledged: false, Told: not null };

    private bool IsMuted(NotificationGroup.Member member, DateTimeOffset now) =>
        _mutes.IsMuted(member.Incident, member.Alert, now);
}
