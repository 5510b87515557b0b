using Cep.Expressions;
using Cep.Expressions.Aggregation;
using Cep.Expressions.Evaluation;

namespace Cep.Detection.Patterns;

/// <summary>The match that expressions over steps look at, and how they are evaluated.</summary>
internal sealed class StepContext(MatchStore store)
{
    private readonly Frame _stepFrame = new();

    /// <summary>The place of the match's last event: its link, or 1 on a path; 0: it has none yet.</summary>
    public int Match;

    /// <summary>
    /// The links of a complete match, that of its last event first;
    /// null: it is followed link by link.
    /// </summary>
    private int[]? _path;
    private int _start;
    private int _end;

    /// <summary>The step that the frame's event is tried for; -1: none.</summary>
    public int TriedStep = -1;

    /// <summary>Looks at a match that is being moved on.</summary>
    public void Follow(int link) => (_path, Match) = (null, link);

    /// <summary>Looks at a complete match: its links lie in part of an array.</summary>
    public void Follow(int[] path, int start, int end) => (_path, _start, _end, Match) = (path, start, end, 1);

    /// <summary>The link at a place of the match.</summary>
    public int LinkAt(int place) => _path is null ? place : _path[_start + place - 1];

    /// <summary>The place of the event before, or 0.</summary>
    public int Before(int place) => _path is null ? store[place].Before : _start + place < _end ? place + 1 : 0;

    /// <summary>Compiles references to steps; everything else goes to the other resolver.</summary>
    /// <param name="leaves">Resolves what is of a step's own event.</param>
    /// <param name="other">Resolves what names no step, where that is something else.</param>
    public EvalCompiler CompilerOver(LeafResolver leaves, LeafResolver? other = null) => new(expr => expr switch
    {
        StepValueExpr e => Value(e, new EvalCompiler(leaves)),
        StepAggregateExpr e => Aggregate(e, new EvalCompiler(leaves)),
        _ => (other ?? leaves)(expr),
    });

    private Eval Value(StepValueExpr e, EvalCompiler compiler) => compiler.Compile(e.Operand) switch
    {
        Eval<bool> x => new ValueEval<bool>(this, e, x),
        Eval<long> x => new ValueEval<long>(this, e, x),
        Eval<double> x => new ValueEval<double>(this, e, x),
        Eval<string> x => new ValueEval<string>(this, e, x),
        var x => new ValueEval<object>(this, e, (Eval<object>)x),
    };

    private Eval Aggregate(StepAggregateExpr e, EvalCompiler compiler)
    {
        var aggregate = Aggregates.Group(e.Aggregate, compiler);
        aggregate.EnsureCapacity(1);
        return aggregate.Result switch
        {
            Eval<bool> x => new AggregateEval<bool>(this, e.Step, aggregate, x),
            Eval<long> x => new AggregateEval<long>(this, e.Step, aggregate, x),
            Eval<double> x => new AggregateEval<double>(this, e.Step, aggregate, x),
            Eval<string> x => new AggregateEval<string>(this, e.Step, aggregate, x),
            var x => new AggregateEval<object>(this, e.Step, aggregate, (Eval<object>)x),
        };
    }

    private Frame FrameAt(int place, bool usesTime = true)
    {
        ref var at = ref store[LinkAt(place)];
        var rows = store.RowsOf(at.Step);
        _stepFrame.Columns = rows.Columns;
        _stepFrame.Computed = rows.Computed;
        _stepFrame.Row = at.Row;
        if (usesTime)
            _stepFrame.NowMs = rows.Times[at.Row];
        return _stepFrame;
    }

    private sealed class ValueEval<T>(StepContext context, StepValueExpr expr, Eval<T> operand) : Eval<T>
    {
        private readonly bool _usesTime = expr.Operand is not FieldExpr;

        public override bool TryGet(Frame frame, out T value)
        {
            if (Find(out var link))
                return operand.TryGet(frame, out value);
            if (link > 0)
                return operand.TryGet(context.FrameAt(link, _usesTime), out value);
            value = default!;
            return false;
        }

        /// <summary>The event, or (true) the one being tried.</summary>
        private bool Find(out int link)
        {
            var isTried = context.TriedStep == expr.Step;
            link = expr.Which == StepEvent.Last && isTried ? 0 : context.LastOf(expr.Step, context.Match);
            switch (expr.Which)
            {
                case StepEvent.Last:
                    return isTried;
                case StepEvent.Previous:
                    if (!isTried && link > 0)
                        link = context.LastOf(expr.Step, context.Before(link));
                    return false;
                default:
                    if (link == 0)
                        return isTried;
                    while (context.LastOf(expr.Step, context.Before(link)) is > 0 and var earlier)
                        link = earlier;
                    return false;
            }
        }
    }

    /// <summary>The place of a step's last event from a place on, or 0.</summary>
    private int LastOf(int step, int place)
    {
        if (_path is null)
            return store.LastOf(step, place);
        while (place > 0 && store[LinkAt(place)].Step != step)
            place = Before(place);
        return place;
    }

    /// <summary>Goes over the step's events anew each time: their number is that of one match.</summary>
    private sealed class AggregateEval<T>(StepContext context, int step, GroupAggregate aggregate, Eval<T> result)
        : Eval<T>
    {
        private readonly List<int> _links = [];

        public override bool TryGet(Frame frame, out T value)
        {
            _links.Clear();
            for (var link = context.LastOf(step, context.Match); link > 0; link =
                context.LastOf(step, context.Before(link)))
                _links.Add(link);
            aggregate.Reset([0]);
            for (var i = _links.Count - 1; i >= 0; i--)
                aggregate.Add(0, context.FrameAt(_links[i]));
            if (context.TriedStep == step)
                aggregate.Add(0, frame);
            context._stepFrame.Group = 0;
            return result.TryGet(context._stepFrame, out value);
        }
    }

    /// <summary>Compiles a value of a step's event, to compare matches by.</summary>
    public PatternReference Reference(int step, StepEvent which, Expr operand, LeafResolver leaves) =>
        new EvalCompiler(leaves).Compile(operand) switch
        {
            Eval<bool> x => new ReferenceTo<bool>(this, step, which, x),
            Eval<long> x => new ReferenceTo<long>(this, step, which, x),
            Eval<double> x => new ReferenceTo<double>(this, step, which, x),
            Eval<string> x => new ReferenceTo<string>(this, step, which, x),
            var x => new ReferenceTo<object>(this, step, which, (Eval<object>)x),
        };

    private sealed class ReferenceTo<T>(StepContext context, int step, StepEvent which, Eval<T> operand)
        : PatternReference
    {
        public override bool IsSame(int a, int b)
        {
            context.Follow(0);
            var (first, second) = (Find(a), Find(b));
            if (first == second)
                return true;
            if (first == 0 || second == 0)
                return false;
            var isKnown = operand.TryGet(context.FrameAt(first), out var value);
            return isKnown == operand.TryGet(context.FrameAt(second), out var other)
                && (!isKnown || EqualityComparer<T>.Default.Equals(value, other));
        }

        public override int HashOf(int link)
        {
            context.Follow(0);
            var at = Find(link);
            return at == 0 ? 1
                : operand.TryGet(context.FrameAt(at), out var value)
                    ? EqualityComparer<T>.Default.GetHashCode(value!)
                    : 2;
        }

        private int Find(int link)
        {
            var at = context.LastOf(step, link);
            if (which == StepEvent.Previous && at > 0)
                return context.LastOf(step, context.Before(at));
            if (which == StepEvent.First && at > 0)
                while (context.LastOf(step, context.Before(at)) is > 0 and var earlier)
                    at = earlier;
            return at;
        }
    }
}
