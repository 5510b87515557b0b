using Cep.Events;
using Cep.Expressions;
using Cep.Expressions.Aggregation;
using Cep.Expressions.Evaluation;
using Cep.Plans;
using Cep.State;

namespace Cep.Detection.Windows;

/// <summary>
/// The values of many windows: one group of aggregates for each window of a key. Aggregates that several values use are
/// kept once.
/// </summary>
internal sealed class WindowValues
{
    private readonly WindowPlan _plan;
    private readonly EvalCompiler _events;
    private readonly Dictionary<AggregateExpr, GroupAggregate> _aggregates = [];
    private readonly GroupAggregate[] _all;
    private readonly Eval<bool>? _when;
    private readonly Detected _detected = new() { HasWindow = true, Order = long.MaxValue };
    private readonly Frame _frame = new();
    private readonly bool _usesKey;
    private readonly Stack<int> _free = new();
    private int _limit;

    /// <param name="rule">The rule, whose alerts will see the values.</param>
    /// <param name="plan">What is selected.</param>
    /// <param name="events">Compiles what aggregates take from the events.</param>
    public WindowValues(HostedRule rule, WindowPlan plan, EvalCompiler events)
    {
        (_plan, _events, Rule) = (plan, events, rule);
        var compiler = new EvalCompiler(Resolve);
        foreach (var value in plan.Select)
            compiler.Compile(value.Value);
        _when = plan.When is { } when ? compiler.Condition(when) : null;
        rule.CompileWith(compiler);
        _ = rule.Evals;
        _all = [.. _aggregates.Values];
        _usesKey = plan.Select.Select(s => s.Value).Append(plan.When ?? ConstExpr.True)
            .SelectMany(ExprWalker.SelfAndParts).Any(e => e is KeyPartExpr or KeyExpr);
    }

    public HostedRule Rule { get; }

    /// <summary>A group without events.</summary>
    public int Allocate()
    {
        if (_free.Count > 0)
            return _free.Pop();
        var group = _limit++;
        foreach (var aggregate in _all)
            aggregate.EnsureCapacity(_limit);
        return group;
    }

    public void Free(int group) => Free([group]);

    /// <summary>Takes groups back; the first is the first to be given out again.</summary>
    public void Free(ReadOnlySpan<int> groups)
    {
        foreach (var aggregate in _all)
            aggregate.Reset(groups);
        for (var i = groups.Length - 1; i >= 0; i--)
            _free.Push(groups[i]);
    }

    /// <summary>Adds the event that the frame shows.</summary>
    public void Add(int group, Frame frame)
    {
        foreach (var aggregate in _all)
            aggregate.Add(group, frame);
    }

    /// <summary>Adds the event of each row to the group beside it.</summary>
    public void AddEach(ReadOnlySpan<int> groups, ReadOnlySpan<int> rows, long[] times, Frame frame)
    {
        foreach (var aggregate in _all)
            aggregate.AddEach(groups, rows, times, frame);
    }

    public void Merge(int into, int from)
    {
        foreach (var aggregate in _all)
            aggregate.Merge(into, from);
    }

    /// <summary>
    /// Reports a window if the rule's condition holds for its values. What an event brought about has its position as
    /// <paramref name="order"/>, so that reports of events with one time keep their order.
    /// </summary>
    public void Report(
        int group, int slot, KeyTable keys, WindowSpan window, long atMs, int revision, DetectionSink sink,
        long order = long.MaxValue)
    {
        _frame.Group = group;
        _frame.WindowStartMs = window.StartMs;
        _frame.WindowEndMs = window.EndMs;
        _frame.NowMs = atMs;
        if (_usesKey)
            _frame.Key = keys.KeyOf(slot);
        if (_when is not null && !_when.Holds(_frame))
        {
            Count();
            return;
        }

        _detected.AtMs = atMs;
        _detected.Frame = _frame;
        _detected.Keys = keys;
        _detected.Slot = slot;
        _detected.Revision = revision;
        _detected.Order = order;
        Rule.Detections++;
        sink.Accept(Rule, _detected);
        Count();
    }

    private void Count()
    {
        Rule.Undefined += _frame.Undefined;
        _frame.Undefined = 0;
    }

    public void Save(StateWriter writer, int group)
    {
        foreach (var aggregate in _all)
            aggregate.Save(writer, group);
    }

    public void Load(StateReader reader, int group)
    {
        foreach (var aggregate in _all)
            aggregate.Load(reader, group);
    }

    private Eval? Resolve(Expr expr)
    {
        switch (expr)
        {
            case SelectedExpr selected:
                return new EvalCompiler(Resolve).Compile(_plan.Select[selected.Index].Value);
            case AggregateExpr { Kind: AggregateKind.ZScore, Range.Kind: RangeKind.Group } score:
                return new EvalCompiler(Resolve).Compile(LastScore(score));
            case AggregateExpr { Kind: AggregateKind.Avg, Range.Kind: RangeKind.Group,
                Argument.Type: DataType.Number } e:
                return Aggregate(e with { Kind = AggregateKind.Sum }).Mean;
            case AggregateExpr { Range.Kind: RangeKind.Group } e:
                return Aggregate(e).Result;
            default:
                return null;
        }
    }

    private GroupAggregate Aggregate(AggregateExpr e)
    {
        if (_aggregates.TryGetValue(e, out var aggregate))
            return aggregate;
        if (_all is not null)
            throw new InvalidOperationException("A window's aggregates are known before its first event.");
        _aggregates.Add(e, aggregate = Aggregates.Group(e, _events));
        return aggregate;
    }

    /// <summary>Of a window the score is that of its last value among all.</summary>
    private static Expr LastScore(AggregateExpr score)
    {
        var x = score.Argument!.Type == DataType.Number ? score.Argument
            : new ConvertExpr(score.Argument, DataType.Number);
        Expr Of(AggregateKind kind) => new AggregateExpr(kind, x, 0, AggregateRange.Group, DataType.Number);
        var distance = new BinaryExpr(
            BinaryOp.Subtract, Of(AggregateKind.Last), Of(AggregateKind.Avg), DataType.Number);
        return new BinaryExpr(BinaryOp.Divide, distance, Of(AggregateKind.StdDev), DataType.Number);
    }
}

/// <summary>The time from start (inclusive) to end (exclusive), ms.</summary>
internal readonly record struct WindowSpan(long StartMs, long EndMs);
