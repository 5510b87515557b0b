using Cep.State;

namespace Cep.Detection.Routing;

/// <summary>Carries the state of rules from a partition of one engine to the same partition of another.</summary>
internal static class RuleCarrier
{
    /// <param name="from">Where the state is.</param>
    /// <param name="to">Where it is wanted; fresh but for what was carried there before.</param>
    /// <param name="rules">The rules, by id.</param>
    /// <param name="clock">The time that a rule has reached, ms.</param>
    public static void Carry(Partition from, Partition to, IReadOnlySet<string> rules, Func<HostedRule, long> clock)
    {
        if (rules.Count == 0)
            return;
        var groups = GroupsOf(from);
        var merged = from.Lanes.SelectMany(l => l.MergedGroups)
            .ToDictionary(g => g.Rule.Plan.Id, StringComparer.Ordinal);
        var slots = new Dictionary<(KeyTable, KeyTable), Dictionary<int, int>>();
        foreach (var lane in to.Lanes)
        {
            foreach (var (keys, group) in lane.Groups)
            {
                foreach (var now in group.Detectors.Where(d => rules.Contains(d.Rule.Plan.Id)))
                {
                    if (!groups.TryGetValue(now.Rule.Plan.Id, out var was))
                        continue;
                    if (!slots.TryGetValue((was.Keys, keys), out var map))
                        slots[(was.Keys, keys)] = map = keys.TakeOver(was.Keys);
                    group.TakeOver(was.Group, was.Detector, now, map);
                    now.Retime(was.Detector.Rule.Plan.Detector, clock(now.Rule));
                }
            }

            foreach (var group in lane.MergedGroups)
                if (rules.Contains(group.Rule.Plan.Id) && merged.TryGetValue(group.Rule.Plan.Id, out var was))
                    group.Load(StateCopy.Of(was.Save));
        }
    }

    private static Dictionary<string, (KeyTable Keys, FilterGroup Group, Detector Detector)> GroupsOf(Partition from)
    {
        var found = new Dictionary<string, (KeyTable, FilterGroup, Detector)>(StringComparer.Ordinal);
        foreach (var (keys, group) in from.Lanes.SelectMany(l => l.Groups))
            foreach (var detector in group.Detectors)
                found[detector.Rule.Plan.Id] = (keys, group, detector);
        return found;
    }
}
