using Cep.Detection.Routing;
using Cep.Plans;
using Cep.State;

namespace Cep;

public sealed partial class Engine
{
    /// <summary>
    /// The part of a plan that the rules which would start fresh need: they, and those that make the streams they read.
    /// An engine of it that is given earlier events can warm them; null where no rule would start fresh.
    /// </summary>
    public static EnginePlan? FreshPart(EnginePlan was, EnginePlan now)
    {
        ArgumentNullException.ThrowIfNull(now);
        var wanted = Ids(PlanComparison.Compare(was, now), RuleFate.StartsFresh, RuleFate.New);
        if (wanted.Count == 0)
            return null;
        for (var known = 0; known < wanted.Count;)
        {
            known = wanted.Count;
            var read = now.Rules.Where(r => wanted.Contains(r.Id)).SelectMany(r => r.Inputs)
                .ToHashSet(StringComparer.Ordinal);
            wanted.UnionWith(now.Rules.Where(r => r.Emit is { } emit && read.Contains(emit)).Select(r => r.Id));
        }

        return now with { Rules = [.. now.Rules.Where(r => wanted.Contains(r.Id))] };
    }

    /// <summary>
    /// An engine of another plan that goes on from here: what <see cref="PlanComparison"/> says keeps its state, and
    /// streams that stay, are taken over; nothing else is. This engine is left as it is, to be disposed of.
    /// </summary>
    /// <param name="plan">The other plan.</param>
    /// <param name="warm">An engine of <see cref="FreshPart"/> that has seen earlier events, or null.</param>
    public Engine Replace(EnginePlan plan, Engine? warm = null)
    {
        var changes = PlanComparison.Compare(Plan, plan);
        var next = new Engine(plan, Options);
        next.TakeStreams(this, warm);
        var places = new Dictionary<string, (int Was, int Now)>(StringComparer.Ordinal);
        foreach (var id in Ids(changes, RuleFate.Unchanged, RuleFate.KeepsState))
        {
            places[id] = (_rules.FindIndex(r => r.Plan.Id == id), next._rules.FindIndex(r => r.Plan.Id == id));
            next._restored[id] = LedgerOf(id, places[id].Was);
        }

        next._stage.TakeOver(_stage, places);

        // what rules share is as the unchanged ones had it
        next.Carry(this, Ids(changes, RuleFate.Unchanged));
        next.Carry(this, Ids(changes, RuleFate.KeepsState));
        if (warm is not null)
            next.Carry(warm, Ids(changes, RuleFate.StartsFresh, RuleFate.New));
        foreach (var (_, group) in next._partitions.SelectMany(p => p.Lanes).SelectMany(l => l.Groups))
            group.Join();
        return next;
    }

    private static HashSet<string> Ids(IEnumerable<RuleChange> changes, params RuleFate[] fates) =>
        changes.Where(c => fates.Contains(c.Fate)).Select(c => c.Rule).ToHashSet(StringComparer.Ordinal);

    private void Carry(Engine from, HashSet<string> rules)
    {
        for (var i = 0; i < _partitions.Length; i++)
            RuleCarrier.Carry(from._partitions[i], _partitions[i], rules, r => ClockOf(r.Plan));
    }

    private void TakeStreams(Engine was, Engine? warm)
    {
        foreach (var front in _byStage)
        {
            var name = front.Plan.Schema.Name;
            var stays = PlanComparison.SameStream(was.Plan, Plan, name);
            if ((stays ? was : warm)?._streams.GetValueOrDefault(name) is not { } from)
                continue;
            front.Load(StateCopy.Of(from.Save));

            // events wait only where some rule wants them in order
            if (front.OrderedLane < 0)
                front.Sequencer.Clear();
            else if (stays && from.OrderedLane < 0 && warm?._streams.GetValueOrDefault(name) is { } other)
                front.Sequencer.Load(StateCopy.Of(other.Sequencer.Save));
        }

        foreach (var merged in _merged)
        {
            var names = merged.Schemas.Select(s => s.Name).ToList();
            var from = names.TrueForAll(n => PlanComparison.SameStream(was.Plan, Plan, n)) ? Find(was, names) : null;
            if (from is null && warm is not null)
                from = Find(warm, names);
            if (from is not null)
                merged.Load(StateCopy.Of(from.Save));
        }

        foreach (var derived in _derived)
            if (was._derived.Find(d => d.Plan.Schema.Name == derived.Plan.Schema.Name) is { } from)
                derived.Restore(from.NextPosition);
    }

    private static MergedSequencer? Find(Engine engine, List<string> streams) =>
        engine._merged.Find(m => m.Schemas.Select(s => s.Name).SequenceEqual(streams));
}
