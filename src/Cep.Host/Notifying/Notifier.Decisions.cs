using Cep.Host.Deployments;

namespace Cep.Host.Notifying;

/// <summary>What people decide while it runs.</summary>
public sealed partial class Notifier
{
    /// <summary>Whether an alert of this id can be acknowledged: it is repeated or escalated, or waits.</summary>
    public bool IsHeld(string alertId)
    {
        lock (_lock)
            return _groups.Values.Any(g => g.Members.Exists(m => m.Alert.Id == alertId));
    }

    /// <summary>Does what was decided. The same decisions in the same order leave the same state.</summary>
    internal void Apply(Decision decision, DateTimeOffset now)
    {
        switch (decision.Kind)
        {
            case DecisionKind.Acknowledge:
                Acknowledge(decision.Id);
                break;
            case DecisionKind.EndSilence:
                lock (_lock)
                    _mutes.Remove(decision.Id);
                break;
            case DecisionKind.Silence when AlertMatch.TryCompile(decision.Match) is { } matches:
                var until = DateTimeOffset.FromUnixTimeMilliseconds(decision.UntilMs);
                var silence = new Silence(decision.Match, matches, until, decision.Why) { Id = decision.Id };
                lock (_lock)
                    if (_mutes.HasRoom(now))
                        _mutes.Add(silence, now);
                break;
        }
    }

    /// <summary>Whether another silence can be added.</summary>
    internal bool HasRoomForSilence(DateTimeOffset now)
    {
        lock (_lock)
            return _mutes.HasRoom(now);
    }
}
