using Cep.Detection.Patterns;
using Cep.Events;
using Cep.Expressions;
using Cep.Expressions.Evaluation;
using Cep.Plans;

namespace Cep.Host.Explaining;

/// <summary>
/// Follows all ways of a pattern through the events of one key, slowly, and keeps the partial match that came nearest
/// to the end.
/// </summary>
internal sealed class PatternTrace
{
    private const int MostTries = 1_000_000;
    private readonly PatternPlan _plan;
    private readonly IReadOnlyList<KeyEvent> _events;
    private readonly PatternAutomaton _automaton;
    private readonly MatchStore _store;
    private readonly StepContext _context;
    private readonly Frame _frame = new();
    private readonly int[] _rows;
    private readonly int[] _toGo;
    private readonly EvalCompiler _compiler;
    private readonly Eval<bool>[] _steps;
    private readonly Eval<bool>?[] _untils;
    private int _tries;

    /// <param name="plan">The pattern.</param>
    /// <param name="schemas">The streams of the rule's inputs.</param>
    /// <param name="events">The key's events; their values are those of <paramref name="computed"/>.</param>
    /// <param name="computed">The parts of conditions that an engine works out beside the event.</param>
    public PatternTrace(
        PatternPlan plan, StreamSchema[] schemas, IReadOnlyList<KeyEvent> events, IReadOnlyList<Expr> computed)
    {
        (_plan, _events) = (plan, events);
        _automaton = new PatternAutomaton(plan);
        var columns = computed.Select(_ => DataType.Any).ToArray();
        _store = new MatchStore(schemas, columns, [.. plan.Steps.Select(s => s.Input)]);
        _context = new StepContext(_store);
        _compiler = _context.CompilerOver(new ComputedLeaves(computed).Resolve);
        _rows = [.. events.Select(e => Keep(e, computed))];
        _steps = [.. plan.Steps.Select(s => _compiler.Condition(ConditionOf(s)))];
        _untils = [.. plan.Steps.Select(s => s.Until is { } until ? _compiler.Condition(until) : null)];
        _toGo = StepsToGo();
    }

    /// <summary>A partial match: its state, its last event (by number) and the links of what it has taken.</summary>
    public sealed record Partial(int State, int First, int Last, int Link, IReadOnlyList<(int Step, int Event)> Taken);

    public PatternAutomaton Automaton => _automaton;

    /// <summary>Events that must still be taken from a state on.</summary>
    public int ToGo(int state) => _toGo[state];

    /// <summary>The condition of a step, its filter included.</summary>
    public static Expr ConditionOf(PatternStep step) => (step.Where, step.Condition) switch
    {
        (null, var condition) => condition,
        (var where, ConstExpr { Value: true }) => where,
        var (where, condition) => new BinaryExpr(BinaryOp.And, where, condition, DataType.Bool),
    };

    /// <summary>The partial match nearest to the end, the latest of several; null: none has begun.</summary>
    public Partial? Furthest(int from)
    {
        Partial? best = null;
        for (var start = from; start < _events.Count; start++)
            foreach (var option in _automaton.States[0].Options)
                if (Fits(option.Step, start, 0) && !IsForbiddenFirst(option, start))
                    Follow(Take(null, option, start), ref best);
        return best;
    }

    /// <summary>Whether an event fits a step of a partial match (null: of none).</summary>
    public bool Fits(int step, int number, int link)
    {
        if (_plan.Steps[step].Input != _events[number].Input)
            return false;
        Look(step, number, link);
        return _steps[step].Holds(_frame);
    }

    /// <summary>The values of expressions at an event tried for a step.</summary>
    public object?[] Values(IReadOnlyList<Expr> exprs, int step, int number, int link)
    {
        Look(step, number, link);
        return [.. exprs.Select(e => ShownValue.Of(_compiler.Compile(e).Box(_frame), e.Type))];
    }

    /// <summary>The event that a negation in front of an option forbids, or -1.</summary>
    public int ForbiddenBy(Partial partial, PatternOption option)
    {
        for (var number = partial.Last + 1; number < _events.Count; number++)
            if (Array.Exists(option.Negations, n => IsHit(n, partial, number)))
                return number;
        return -1;
    }

    private void Look(int step, int number, int link)
    {
        var rows = _store.RowsOf(step);
        _context.Match = link;
        _context.TriedStep = step;
        _frame.Columns = rows.Columns;
        _frame.Computed = rows.Computed;
        _frame.Row = _rows[number];
        _frame.NowMs = _events[number].AtMs;
    }

    private int Keep(KeyEvent e, IReadOnlyList<Expr> computed)
    {
        var columns = new Column[e.Input == 0 ? computed.Count : 0];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = new Column(DataType.Any, e.Row + 1);
            columns[i].SetValue(e.Row, e.Values[i] switch
            {
                DateTimeOffset time => time.ToUnixTimeMilliseconds(),
                TimeSpan span => (long)span.TotalMilliseconds,
                var other => other,
            });
        }

        return _store.Keep(e.Input, e.Batch!, e.Row, columns);
    }

    private Partial Take(Partial? before, PatternOption option, int number) => new(
        option.Target, before?.First ?? number, number,
        _store.Add(before?.Link ?? 0, option.Step, _rows[number], number),
        [.. before?.Taken ?? [], (option.Step, number)]);

    private void Follow(Partial partial, ref Partial? best)
    {
        if (++_tries > MostTries)
            return;
        if (best is null || _toGo[partial.State] <= _toGo[best.State])
            best = partial;
        foreach (var option in _automaton.States[partial.State].Options)
            if (!option.IsAccept)
                foreach (var number in Takes(partial, option))
                    Follow(Take(partial, option, number), ref best);
    }

    private IEnumerable<int> Takes(Partial partial, PatternOption option)
    {
        var last = _events[partial.Last].AtMs;
        for (var number = partial.Last + 1; number < _events.Count; number++)
        {
            var elapsed = _events[number].AtMs - last;
            if (IsTooLate(partial, number) || elapsed > option.Link.ToMs
                || Array.Exists(option.Negations, n => n.IsStrict && IsHit(n, partial, number))
                || (option.InRun && Ends(option.Step, number, partial.Link)))
                yield break;
            var fits = elapsed >= option.Link.FromMs && Fits(option.Step, number, partial.Link);
            if (fits)
                yield return number;
            if (option.Link.Kind == LinkKind.Directly || (fits && option.Link.Kind == LinkKind.Next)
                || Array.Exists(option.Negations, n => IsHit(n, partial, number)))
                yield break;
        }
    }

    private bool IsTooLate(Partial partial, int number) =>
        _plan.WithinMs > 0 && _events[number].AtMs - _events[partial.First].AtMs > _plan.WithinMs;

    private bool Ends(int step, int number, int link)
    {
        if (_untils[step] is not { } until || _plan.Steps[step].Input != _events[number].Input)
            return false;
        Look(step, number, link);
        _context.TriedStep = -1;
        return until.Holds(_frame);
    }

    private bool IsHit(Negation negation, Partial partial, int number)
    {
        var elapsed = _events[number].AtMs - _events[partial.Last].AtMs;
        return (!negation.IsStrict || number == partial.Last + 1) && !IsTooLate(partial, number)
            && elapsed >= negation.Before.FromMs && elapsed <= negation.Before.ToMs
            && Array.Exists(negation.Steps, s => Fits(s, number, partial.Link));
    }

    private bool IsForbiddenFirst(PatternOption option, int start) =>
        option.Negations.Where(n => n.IsFirst).Any(n => Enumerable.Range(0, start).Any(number =>
        {
            var elapsed = _events[start].AtMs - _events[number].AtMs;
            return (n.After.Kind != LinkKind.Directly || number == start - 1)
                && elapsed >= n.After.FromMs && elapsed <= Math.Min(n.After.ToMs, Reach)
                && Array.Exists(n.Steps, s => Fits(s, number, 0));
        }));

    private long Reach => _plan.WithinMs > 0 ? _plan.WithinMs : long.MaxValue;

    private int[] StepsToGo()
    {
        var states = _automaton.States;
        var toGo = new int[states.Length];
        Array.Fill(toGo, int.MaxValue - 1);
        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = 0; i < states.Length; i++)
                foreach (var option in states[i].Options)
                {
                    var more = option.IsAccept ? 0 : toGo[option.Target] + 1;
                    if (more >= toGo[i])
                        continue;
                    toGo[i] = more;
                    changed = true;
                }
        }

        return toGo;
    }
}
