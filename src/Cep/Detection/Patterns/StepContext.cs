using Cep.Expressions;
using Cep.Expressions.Aggregation;
using Cep.Expressions.Evaluation;

namespace Cep.Detection.Patterns;

/// <summary>The match that expressions over steps look at, and how they are evaluated.</summary>
internal sealed class StepContext(MatchStore store)
{
    private readonly Frame _stepFrame = new();

    /// <summary>The match's last event; 0: it has none yet.</summary>
    public int Match;

    /// <summary>The step that the frame's event is tried for; -1: none.</summary>
    public int TriedStep = -1;

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

    private Frame FrameAt(int link)
    {
        var rows = store.RowsOf(store[link].Step);
        _stepFrame.Columns = rows.Columns;
        _stepFrame.Computed = rows.Computed;
        _stepFrame.Row = store[link].Row;
        _stepFrame.NowMs = rows.Times[store[link].Row];
        return _stepFrame;
    }

    private sealed class ValueEval<T>(StepContext context, StepValueExpr expr, Eval<T> operand) : Eval<T>
    {
        public override bool TryGet(Frame frame, out T value)
        {
            if (Find(out var link))
                return operand.TryGet(frame, out value);
            if (link > 0)
                return operand.TryGet(context.FrameAt(link), out value);
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
                        link = context.LastOf(expr.Step, context.LinkBefore(link));
                    return false;
                default:
                    if (link == 0)
                        return isTried;
                    while (context.LastOf(expr.Step, context.LinkBefore(link)) is > 0 and var earlier)
                        link = earlier;
                    return false;
            }
        }
    }

    private int LastOf(int step, int link) => store.LastOf(step, link);

    private int LinkBefore(int link) => store[link].Before;

    /// <summary>Goes over the step's events anew each time: their number is that of one match.</summary>
    private sealed class AggregateEval<T>(StepContext context, int step, GroupAggregate aggregate, Eval<T> result)
        : Eval<T>
    {
        private readonly List<int> _links = [];

        public override bool TryGet(Frame frame, out T value)
        {
            _links.Clear();
            for (var link = context.LastOf(step, context.Match); link > 0; link =
                context.LastOf(step, context.LinkBefore(link)))
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
}
