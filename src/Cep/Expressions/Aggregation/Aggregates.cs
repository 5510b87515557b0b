using Cep.Events;
using Cep.Expressions.Evaluation;

namespace Cep.Expressions.Aggregation;

/// <summary>Builds the states that aggregate expressions need.</summary>
internal static class Aggregates
{
    /// <summary>An aggregate over the events of a window.</summary>
    public static GroupAggregate Group(AggregateExpr e, EvalCompiler compiler) =>
        (GroupAggregate)Build(e, compiler, moving: false);

    /// <summary>A moving aggregate.</summary>
    public static ComputedColumn Moving(AggregateExpr e, EvalCompiler compiler) =>
        (ComputedColumn)Build(e, compiler, moving: true);

    private static object Build(AggregateExpr e, EvalCompiler compiler, bool moving)
    {
        if (e.Kind == AggregateKind.Count)
        {
            Fold<NoValue, long> count = moving && e.Range.Kind == RangeKind.Time ? new RingCountFold()
                : new CountFold<NoValue>();
            return Make(e, Occurrence(e.Argument, compiler), count, StateCodecs.None, moving);
        }

        return compiler.Compile(e.Argument!) switch
        {
            Eval<double> x => OfNumbers(e, x, moving),
            Eval<long> x when e.Kind is AggregateKind.Avg or AggregateKind.StdDev or AggregateKind.Variance
                or AggregateKind.Median or AggregateKind.Quantile or AggregateKind.Slope or AggregateKind.Rate
                or AggregateKind.Ewma =>
                OfNumbers(e, new LongToDoubleEval(x), moving),
            Eval<long> x => OfIntegers(e, x, moving),
            Eval<object> x => OfObjects(e, x, moving),
            var x => OfObjects(e, new ToAnyEval(x), moving),
        };
    }

    private static Eval<NoValue> Occurrence(Expr? argument, EvalCompiler compiler) => argument switch
    {
        null => new ConstEval<NoValue>(default),
        { Type: DataType.Bool } => new HoldsEval(compiler.Condition(argument)),
        _ => new PresentEval(compiler.Compile(argument)),
    };

    private static object OfNumbers(AggregateExpr e, Eval<double> x, bool moving)
    {
        var codec = StateCodecs.Double;
        var order = Comparer<double>.Default;
        return e.Kind switch
        {
            AggregateKind.Sum => Make(e, x, new NumberSumFold(counts: moving), codec, moving),
            AggregateKind.Avg when e.Type == DataType.Duration =>
                Make(e, x, new RoundedFold(new MeanFold()), codec, moving),
            AggregateKind.Avg => Make(e, x, new MeanFold(), codec, moving),
            AggregateKind.StdDev => Make(e, x, new VarianceFold(root: true), codec, moving),
            AggregateKind.Variance => Make(e, x, new VarianceFold(root: false), codec, moving),
            AggregateKind.Median => Make(e, x, new QuantileFold(0.5), codec, moving),
            AggregateKind.Quantile => Make(e, x, new QuantileFold(e.Parameter), codec, moving),
            AggregateKind.Rate => Make(e, x, new NumberDeltaFold(perSecond: true), codec, moving),
            AggregateKind.Delta => Make(e, x, new NumberDeltaFold(perSecond: false), codec, moving),
            AggregateKind.Slope => Make(e, x, new SlopeFold(), codec, moving),
            AggregateKind.Ewma => Make(e, x, new EwmaFold(e.Parameter), codec, moving),
            _ => OfAny(e, x, order, EqualityComparer<double>.Default, codec, moving),
        };
    }

    private static object OfIntegers(AggregateExpr e, Eval<long> x, bool moving) => e.Kind switch
    {
        AggregateKind.Sum => Make(e, x, new IntegerSumFold(), StateCodecs.Long, moving),
        AggregateKind.Delta => Make(e, x, new IntegerDeltaFold(), StateCodecs.Long, moving),
        _ => OfAny(e, x, Comparer<long>.Default, EqualityComparer<long>.Default, StateCodecs.Long, moving),
    };

    private static object OfObjects(AggregateExpr e, Eval<object> x, bool moving) =>
        OfAny(e, x, AnyValue.Order!, AnyValue.Equality, StateCodecs.Object, moving);

    private static object OfAny<T>(
        AggregateExpr e, Eval<T> x, IComparer<T> order, IEqualityComparer<T> equality, StateCodec<T> codec, bool moving)
        where T : notnull => e.Kind switch
        {
            AggregateKind.Min => Make(e, x, Extreme(order, -1, codec, moving), codec, moving),
            AggregateKind.Max => Make(e, x, Extreme(order, 1, codec, moving), codec, moving),
            AggregateKind.First => Make(e, x, new EndFold<T>(last: false), codec, moving),
            AggregateKind.Last => Make(e, x, new EndFold<T>(last: true), codec, moving),
            AggregateKind.Collect => Make(e, x, new CollectFold<T>(), codec, moving),
            AggregateKind.Distinct => Make(e, x, new DistinctFold<T>(equality, codec), codec, moving),
            AggregateKind.TopK => Make(e, x, new TopKFold<T>((int)e.Parameter, equality, order, codec), codec, moving),
            _ => throw new InvalidOperationException($"'{e.Kind}' needs numbers."),
        };

    private static Fold<T, T> Extreme<T>(IComparer<T> order, int sign, StateCodec<T> codec, bool moving) =>
        moving ? new MovingExtremeFold<T>(order, sign, codec) : new ExtremeFold<T>(order, sign, codec);

    private static object Make<TIn,
        TOut>(AggregateExpr e, Eval<TIn> x, Fold<TIn, TOut> fold, StateCodec<TIn> codec, bool moving)
    {
        if (moving)
            return new MovingAggregate<TIn, TOut>(x, fold, codec, e.Range, ComputedStorage(e.Type));
        return new GroupAggregate<TIn,
            TOut>(x, fold, codec, e.Argument is FieldExpr { Type: DataType.Number } field ? field.Field : -1);
    }

    /// <summary>
    /// How a computed column of a type is stored: texts and booleans as objects, which need no pool and no bit sets.
    /// </summary>
    public static DataType ComputedStorage(DataType type) =>
        type is DataType.String or DataType.Bool ? DataType.Any : type;

    private sealed class HoldsEval(Eval<bool> condition) : Eval<NoValue>
    {
        public override bool TryGet(Frame frame, out NoValue value)
        {
            value = default;
            return condition.Holds(frame);
        }
    }

    private sealed class PresentEval(Eval operand) : Eval<NoValue>
    {
        public override bool TryGet(Frame frame, out NoValue value)
        {
            value = default;
            return !operand.IsNull(frame);
        }
    }
}
