using Cep.Detection.Patterns;
using Cep.Detection.Windows;
using Cep.Events;
using Cep.Plans;
using Cep.State;

namespace Cep.Detection.Routing;

/// <summary>
/// The rules of a partition that read a stream in one order: of arrival (what needs no order acts at once) or of event
/// time.
/// </summary>
internal sealed class Lane(StreamSchema[] schemas, KeyShare share)
{
    private readonly StatelessRules _stateless = new();
    private readonly List<KeyGroup> _keyGroups = [];
    private readonly List<MergedGroup> _merged = [];
    private bool _hasStateless;
    private long _batches;

    /// <summary>Keys with state.</summary>
    public long KeyCount => _keyGroups.Sum(g => (long)g.Keys.Count) + _merged.Sum(m => (long)m.KeyCount);

    /// <summary>Filter groups that share their keys.</summary>
    private sealed class KeyGroup
    {
        private readonly Func<int, bool> _holds;
        private readonly Action<int> _release;
        private long _clockMs;

        // made once: every batch, and every event of an operator, sweeps
        public KeyGroup(KeyTable keys) => (Keys, _holds, _release) = (keys, Holds, Release);

        public KeyTable Keys { get; }

        public List<(RulePlan First, FilterGroup Filter)> Filters { get; } = [];

        public void Sweep(int howMany, long clockMs)
        {
            _clockMs = clockMs;
            Keys.Sweep(howMany, _holds, _release);
        }

        private bool Holds(int slot)
        {
            foreach (var (_, filter) in Filters)
                if (filter.Holds(slot, _clockMs))
                    return true;
            return false;
        }

        private void Release(int slot)
        {
            foreach (var (_, filter) in Filters)
                filter.Release(slot);
        }
    }

    /// <summary>The groups of rules that read one stream, with their keys.</summary>
    public IEnumerable<(KeyTable Keys, FilterGroup Group)> Groups =>
        _keyGroups.SelectMany(g => g.Filters.Select(f => (g.Keys, f.Filter)));

    /// <summary>The rules that read several streams.</summary>
    public IReadOnlyList<MergedGroup> MergedGroups => _merged;

    public void Add(HostedRule rule)
    {
        if (StatelessRules.Takes(rule.Plan))
        {
            _stateless.Add(rule);
            _hasStateless = true;
            return;
        }

        if (schemas.Length > 1)
        {
            _merged.Add(new MergedGroup(rule, schemas, share));
            return;
        }

        var keys = _keyGroups.Find(g => g.Keys.By == rule.Plan.By);
        if (keys is null)
        {
            var table = new KeyTable(rule.Plan.By, share);
            _keyGroups.Add(keys = new KeyGroup(table));
        }

        var filter = keys.Filters.Find(
            f => Equals(f.First.Where, rule.Plan.Where) && f.First.Except == rule.Plan.Except).Filter;
        if (filter is null)
            keys.Filters.Add((rule.Plan, filter = new FilterGroup(keys.Keys, rule.Plan, share.Partition == 0,
                schemas[0])));
        filter.Add(Create(rule, keys.Keys, filter));
        if (RuleExprs.OfAlert(rule.Plan).Any(Expressions.ExprWalker.IsStateful))
            _ = rule.Evals;
    }

    /// <summary>Takes rows from..to, on time and (in a lane of event time) in order.</summary>
    public void OnEvents(EventBatch batch, int from, int to, long clockMs, DetectionSink sink)
    {
        if (_hasStateless && _batches++ % share.Partitions == share.Partition)
            _stateless.OnEvents(batch, from, to, sink);
        foreach (var group in _keyGroups)
        {
            foreach (var (_, filter) in group.Filters)
                filter.OnEvents(batch, from, to, late: false, clockMs, sink);
        }
    }

    /// <summary>Takes events of the lane's streams, in order.</summary>
    public void OnMerged(MergedEvents events, long clockMs, DetectionSink sink)
    {
        foreach (var group in _merged)
            group.OnEvents(events, clockMs, sink);
    }

    /// <summary>Takes a row below the watermark.</summary>
    /// <returns>True where some rule could still take it.</returns>
    public bool OnLate(EventBatch batch, int row, long clockMs, DetectionSink sink)
    {
        if (_hasStateless && share.Partition == 0)
            _stateless.OnLate(batch, row);
        foreach (var group in _merged)
            group.OnLate(Array.FindIndex(schemas, s => s.Name == batch.Schema.Name), batch, row);
        var taken = 0;
        foreach (var group in _keyGroups)
            foreach (var (_, filter) in group.Filters)
                taken += filter.OnEvents(batch, row, row + 1, late: true, clockMs, sink);
        return taken > 0;
    }

    public void OnClock(long clockMs, long latestMs, DetectionSink sink)
    {
        foreach (var group in _keyGroups)
            foreach (var (_, filter) in group.Filters)
                filter.OnClock(clockMs, latestMs, sink);
        foreach (var group in _merged)
            group.OnClock(clockMs, sink);
    }

    /// <summary>As <see cref="Detector.NextDueMs"/>, of all rules.</summary>
    public long NextDueMs()
    {
        var next = long.MaxValue;
        foreach (var group in _keyGroups)
            foreach (var (_, filter) in group.Filters)
                next = Math.Min(next, filter.NextDueMs);
        foreach (var group in _merged)
            next = Math.Min(next, group.NextDueMs);
        return next;
    }

    /// <summary>Looks for keys that can be let go, at so many of them.</summary>
    public void Sweep(int howMany, long clockMs)
    {
        foreach (var group in _merged)
            group.Sweep(howMany, clockMs);
        foreach (var group in _keyGroups)
            group.Sweep(howMany, clockMs);
    }

    public void Save(StateWriter writer)
    {
        writer.Section("lane", 1);
        foreach (var group in _keyGroups)
        {
            group.Keys.Save(writer);
            foreach (var (_, filter) in group.Filters)
                filter.Save(writer);
        }

        foreach (var group in _merged)
            group.Save(writer);
    }

    public void Load(StateReader reader)
    {
        reader.Section("lane", 1);
        foreach (var group in _keyGroups)
        {
            var slots = group.Keys.Load(reader);
            foreach (var (_, filter) in group.Filters)
                filter.Load(reader, slots.Keys, slots);
        }

        foreach (var group in _merged)
            group.Load(reader);
    }

    private static Detector Create(HostedRule rule, KeyTable keys, FilterGroup filter) => rule.Plan.Detector switch
    {
        ConditionPlan plan => new ConditionDetector(rule, plan, keys, filter),
        SilencePlan plan => new SilenceDetector(rule, plan, keys, filter),
        WindowPlan { Kind: SessionWindow } plan => new SessionDetector(rule, plan, keys, filter.Compiler),
        WindowPlan { Kind: CountWindow } plan => new CountWindowDetector(rule, plan, keys, filter.Compiler),
        WindowPlan plan => new TimeWindowDetector(rule, plan, keys, filter.Compiler),
        PatternPlan plan => new PatternDetector(rule, plan, keys, [filter.Schema], () =>
            filter.ComputedStorage, filter.Leaves),
        _ => throw new ArgumentException($"There is no detector for '{rule.Plan.Detector.GetType().Name}'."),
    };
}
