using Cep.Events;
using Cep.Expressions.Evaluation;
using Cep.Plans;

namespace Cep.Detection.Routing;

/// <summary>
/// Rules of a stream that need nothing but the event itself: plain conditions without memory. They act at once, in
/// order of arrival. Rules with the same filter share it, and one count of it.
/// </summary>
internal sealed class StatelessRules
{
    private readonly List<Group> _groups = [];
    private readonly Frame _frame = new();
    private readonly Detected _detected = new();
    private ulong[] _rows = [];
    private EventBatch? _batch;
    private DetectionSink? _sink;
    private readonly MatchReport _report;

    public StatelessRules()
    {
        _report = Report;
        _detected.Frame = _frame;
    }

    private sealed record Group(
        RulePlan First, BatchFilter? Where, (BatchFilter Filter, long UntilMs)[] Except, SharedCounts Counts)
    {
        public PredicateIndex Index { get; } = new();
    }

    /// <summary>True for rules of this kind.</summary>
    public static bool Takes(RulePlan rule) =>
        rule.Inputs.Count == 1 && rule.Alert.DedupeMs == 0
        && rule.Detector is ConditionPlan { HasState: false, Rising: false, EveryMs: 0 } condition
        && !Expressions.ExprWalker.IsStateful(condition.When)
        && !RuleExprs.OfAlert(rule).Any(Expressions.ExprWalker.IsStateful);

    public void Add(HostedRule rule)
    {
        var plan = rule.Plan;
        var group = _groups.Find(g => Equals(g.First.Where, plan.Where) && g.First.Except == plan.Except);
        if (group is null)
        {
            var compiler = new EvalCompiler();
            var where = plan.Where is null ? null : BatchFilters.Compile(plan.Where, compiler);
            group = new Group(plan, where,
                [.. plan.Except.Select(e => (BatchFilters.Compile(e.Condition, compiler), e.UntilMs))],
                    new SharedCounts());
            _groups.Add(group);
        }

        rule.Counts = group.Counts;
        group.Index.Add(rule, ((ConditionPlan)plan.Detector).When);
    }

    /// <summary>Takes rows that are not late.</summary>
    public void OnEvents(EventBatch batch, int from, int to, DetectionSink sink)
    {
        var words = (to + 63) >> 6;
        if (_rows.Length < words)
            _rows = new ulong[words * 2];
        (_batch, _sink) = (batch, sink);
        _frame.Columns = batch.Columns;
        foreach (var group in _groups)
        {
            Bits.Range(_rows, from, to, words);
            group.Counts.Seen += to - from;
            var undefined = _frame.Undefined;
            if (group.Where is not null || group.Except.Length > 0)
                RowFilters.Apply(group.Where, group.Except, _frame, batch, to, _rows, group.Counts, from);
            group.Counts.Undefined += _frame.Undefined - undefined;
            group.Index.Match(batch, to, _rows, _frame, _report);
        }

        _batch = null;
    }

    /// <summary>Counts rows that are late: such rules leave them out.</summary>
    public void OnLate(EventBatch batch, int row)
    {
        _frame.Columns = batch.Columns;
        var words = (row + 64) >> 6;
        if (_rows.Length < words)
            _rows = new ulong[words * 2];
        foreach (var group in _groups)
        {
            Bits.Range(_rows, row, row + 1, words);
            group.Counts.Seen++;
            RowFilters.Apply(group.Where, group.Except, _frame, batch, row + 1, _rows, group.Counts, row);
            group.Counts.Late += Bits.Count(_rows, words);
        }
    }

    private void Report(HostedRule rule, int row)
    {
        _frame.Row = row;
        _frame.NowMs = _batch!.Times[row];
        _detected.AtMs = _frame.NowMs;
        _detected.Order = _batch.Positions[row];
        _detected.Evidence.Clear();
        _detected.Evidence.Add((null, _batch, row));
        rule.Detections++;
        var undefined = _frame.Undefined;
        _sink!.Accept(rule, _detected);
        rule.Undefined += _frame.Undefined - undefined;
    }
}
