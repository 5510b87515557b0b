using Cep.Events;

namespace Cep.Expressions.Evaluation;

/// <summary>A condition over whole batches: takes the rows for which it does not hold out of a bit set.</summary>
internal abstract class BatchFilter
{
    /// <summary>
    /// Clears the bits of the rows below <paramref name="count"/> for which the condition does not hold.
    /// </summary>
    public abstract void Apply(Frame frame, long[] times, int count, ulong[] rows);

    /// <summary>How much a row costs, roughly: cheaper filters are applied first.</summary>
    public abstract int Cost { get; }
}

/// <summary>
/// Builds batch filters: comparisons of a number with a constant and tests of a text become loops of their own.
/// </summary>
internal static class BatchFilters
{
    public static BatchFilter Compile(Expr condition, EvalCompiler compiler)
    {
        var filters = Conjuncts(condition).Select(c => One(c, compiler)).OrderBy(f => f.Cost).ToArray();
        return filters.Length == 1 ? filters[0] : new AllFilter(filters);
    }

    /// <summary>The conditions that an <c>and</c> joins.</summary>
    public static IEnumerable<Expr> Conjuncts(Expr condition) => condition is BinaryExpr { Op: BinaryOp.And } and
        ? Conjuncts(and.Left).Concat(Conjuncts(and.Right))
        : [condition];

    /// <summary>A comparison of a column with a constant, the constant on the right.</summary>
    public static bool IsComparison(Expr condition, out Expr column, out BinaryOp op, out object constant)
    {
        column = condition;
        op = default;
        constant = condition;
        if (condition is not BinaryExpr { Op: >= BinaryOp.Equal and <= BinaryOp.GreaterOrEqual } e)
            return false;
        (column, op) = (Strip(e.Left), e.Op);
        var right = e.Right;
        if (Strip(e.Left) is ConstExpr)
            (column, right, op) = (Strip(e.Right), e.Left, Mirror(e.Op));
        if (Strip(right) is not ConstExpr { Value: { } value })
            return false;
        constant = value;
        return true;
    }

    private static Expr Strip(Expr e) => e is ConvertExpr { Type: DataType.Number, Operand: ConstExpr inner }
        ? new ConstExpr(inner.Value is long n ? (double)n : inner.Value, DataType.Number)
        : e;

    private static BinaryOp Mirror(BinaryOp op) => op switch
    {
        BinaryOp.Less => BinaryOp.Greater,
        BinaryOp.LessOrEqual => BinaryOp.GreaterOrEqual,
        BinaryOp.Greater => BinaryOp.Less,
        BinaryOp.GreaterOrEqual => BinaryOp.LessOrEqual,
        _ => op,
    };

    private static BatchFilter One(Expr condition, EvalCompiler compiler)
    {
        if (condition is ConstExpr { Value: true })
            return new AllFilter([]);
        if (IsComparison(condition, out var column, out var op, out var constant)
            && NumericFilter(column, op, constant, compiler) is { } filter)
            return filter;
        var fields = new HashSet<FieldExpr>();
        if (ExprWalker.DependsOnFieldsOnly(condition, fields) && fields.Count == 1
            && fields.Single() is { Type: DataType.String } text)
            return new TextFilter(text.Field, compiler.Condition(condition));
        return new RowFilter(compiler.Condition(condition));
    }

    private static BatchFilter? NumericFilter(Expr column, BinaryOp op, object constant, EvalCompiler compiler)
    {
        if (column.Type is not (DataType.Number or DataType.Integer or DataType.Timestamp or DataType.Duration))
            return null;
        return compiler.Compile(column) switch
        {
            DoubleColumnEval x => new NumberFilter(x.Index, x.Computed, op, AnyValue.Number(constant)),
            LongColumnEval x when constant is long bound => new IntegerFilter(x.Index, x.Computed, op, bound),
            _ => null,
        };
    }
}

internal sealed class AllFilter(BatchFilter[] filters) : BatchFilter
{
    public override int Cost => filters.Sum(f => f.Cost);

    public override void Apply(Frame frame, long[] times, int count, ulong[] rows)
    {
        foreach (var filter in filters)
            filter.Apply(frame, times, count, rows);
    }
}

/// <summary>Any condition, row by row.</summary>
internal sealed class RowFilter(Eval<bool> condition) : BatchFilter
{
    public override int Cost => 20;

    public override void Apply(Frame frame, long[] times, int count, ulong[] rows)
    {
        for (var word = 0; word < (count + 63) >> 6; word++)
        {
            for (var bits = rows[word]; bits != 0; bits &= bits - 1)
            {
                var row = (word << 6) + System.Numerics.BitOperations.TrailingZeroCount(bits);
                frame.Row = row;
                frame.NowMs = times[row];
                if (!condition.Holds(frame))
                    rows[word] &= ~(1UL << row);
            }
        }
    }
}

/// <summary>A condition on one text, worked out once for each different text.</summary>
internal sealed class TextFilter(int field, Eval<bool> condition) : BatchFilter
{
    private const byte Unknown = 0, Holds = 2, Fails = 1;

    private StringPool? _pool;
    private byte[] _known = [];

    public override int Cost => 3;

    public override void Apply(Frame frame, long[] times, int count, ulong[] rows)
    {
        var column = frame.Columns[field];
        Remember(column.Pool);
        for (var word = 0; word < (count + 63) >> 6; word++)
        {
            for (var bits = rows[word]; bits != 0; bits &= bits - 1)
            {
                var row = (word << 6) + System.Numerics.BitOperations.TrailingZeroCount(bits);
                if (!Test(column, row, frame))
                    rows[word] &= ~(1UL << row);
            }
        }
    }

    private bool Test(Column column, int row, Frame frame)
    {
        if (!column.IsNull(row))
        {
            var known = _known[column.Codes[row]];
            if (known != Unknown)
                return known == Holds;
        }

        frame.Row = row;
        var holds = condition.Holds(frame);
        if (!column.IsNull(row))
            _known[column.Codes[row]] = holds ? Holds : Fails;
        return holds;
    }

    private void Remember(StringPool pool)
    {
        if (!ReferenceEquals(pool, _pool))
            Array.Clear(_known);
        _pool = pool;
        if (_known.Length < pool.Count)
            Array.Resize(ref _known, Math.Max(pool.Count, _known.Length * 2));
    }
}
