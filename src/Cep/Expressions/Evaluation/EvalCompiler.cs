using System.Text.RegularExpressions;
using Cep.Events;

namespace Cep.Expressions.Evaluation;

/// <summary>
/// Says how the expressions that need more than the event are evaluated: aggregates, previous values, a pattern's
/// steps.
/// </summary>
/// <returns>Null where the expression is an ordinary one.</returns>
internal delegate Eval? LeafResolver(Expr expr);

/// <summary>Compiles typed expressions to trees of evaluators.</summary>
internal sealed class EvalCompiler(LeafResolver? leaves = null)
{
    public Eval<bool> Condition(Expr expr) => (Eval<bool>)Compile(expr);

    public Eval Compile(Expr expr)
    {
        if (leaves?.Invoke(expr) is { } leaf)
            return leaf;
        return expr switch
        {
            ConstExpr e => Constant(e.Value, e.Type),
            FieldExpr e => Column(e.Type, e.Field, computed: false),
            KeyPartExpr e => KeyPart(e),
            KeyExpr { Type: DataType.List or DataType.Any } => new WholeKeyEval(),
            KeyExpr e => KeyPart(new KeyPartExpr(0, e.Type)),
            NowExpr => new NowEval(),
            WindowBoundExpr e => new WindowBoundEval(e.End),
            UnaryExpr e => Unary(e),
            BinaryExpr e => Binary(e),
            ConvertExpr e => Convert(e),
            InExpr e => In(e),
            InListExpr e => new InListEval(Compile(e.Operand), Object(e.List), e.Negated),
            LikeExpr e => new TextTestEval(Text(e.Operand), TextPatterns.Like(e.Pattern).IsMatch),
            MatchExpr e => new TextTestEval(Text(e.Operand), TextPatterns.Regex(e.Pattern).IsMatch),
            IfExpr e => If(e),
            MemberExpr e => new MemberEval(Object(e.Operand), e.Name),
            IndexExpr e => new IndexEval(Object(e.Operand), (Eval<long>)Compile(e.Index)),
            ListExpr e => new ListEval([.. e.Items.Select(Compile)]),
            CallExpr e => Functions.Compile(e, [.. e.Arguments.Select(Compile)]),
            _ => throw new InvalidOperationException($"'{expr.GetType().Name}' cannot be evaluated here."),
        };
    }

    /// <summary>A column of the event's batch or of the computed ones.</summary>
    public static Eval Column(DataType type, int index, bool computed) => type switch
    {
        DataType.Bool => new BoolColumnEval(index, computed),
        DataType.Number => new DoubleColumnEval(index, computed),
        DataType.String => new StringColumnEval(index, computed),
        DataType.Any or DataType.List or DataType.Null => new ObjectColumnEval(index, computed),
        _ => new LongColumnEval(index, computed),
    };

    private static Eval Constant(object? value, DataType type) => (type, value) switch
    {
        (DataType.Bool, null) => new NullEval<bool>(),
        (DataType.Bool, _) => new ConstEval<bool>((bool)value),
        (DataType.Number, null) => new NullEval<double>(),
        (DataType.Number, _) => new ConstEval<double>(AnyValue.Number(value)),
        (DataType.String, null) => new NullEval<string>(),
        (DataType.String, _) => new ConstEval<string>((string)value),
        (DataType.Any or DataType.List or DataType.Null, null) => new NullEval<object>(),
        (DataType.Any or DataType.List, _) => new ConstEval<object>(value),
        (_, null) => new NullEval<long>(),
        _ => new ConstEval<long>((long)value),
    };

    private static Eval KeyPart(KeyPartExpr e) => e.Type switch
    {
        DataType.Bool => new KeyPartEval<bool>(e.Index),
        DataType.Number => new KeyPartEval<double>(e.Index),
        DataType.String => new KeyPartEval<string>(e.Index),
        DataType.Any or DataType.List => new KeyPartEval<object>(e.Index),
        _ => new KeyPartEval<long>(e.Index),
    };

    private Eval<string> Text(Expr e) => (Eval<string>)Compile(e);

    private Eval<object> Object(Expr e) => Compile(e) as Eval<object> ?? new ToAnyEval(Compile(e));

    private Eval Unary(UnaryExpr e) => (e.Op, Compile(e.Operand)) switch
    {
        (UnaryOp.Not, var x) => new NotEval((Eval<bool>)x),
        (UnaryOp.Negate, Eval<double> x) => new NegateDoubleEval(x),
        (UnaryOp.Negate, Eval<long> x) => new NegateLongEval(x),
        (UnaryOp.IsNull, var x) => new IsNullEval(x, negated: false),
        (_, var x) => new IsNullEval(x, negated: true),
    };

    private Eval Binary(BinaryExpr e)
    {
        var left = Compile(e.Left);
        var right = Compile(e.Right);
        return e.Op switch
        {
            BinaryOp.And => new AndEval((Eval<bool>)left, (Eval<bool>)right),
            BinaryOp.Or => new OrEval((Eval<bool>)left, (Eval<bool>)right),
            BinaryOp.Coalesce => Coalesce(left, right),
            >= BinaryOp.Equal and <= BinaryOp.GreaterOrEqual => Compare(e.Op, left, right),
            _ => Arithmetic(e.Op, left, right),
        };
    }

    private static Eval Compare(BinaryOp op, Eval left, Eval right) => (left, right) switch
    {
        (Eval<double> a, Eval<double> b) => new CompareDoubleEval(op, a, b),
        (Eval<long> a, Eval<long> b) => new CompareLongEval(op, a, b),
        (Eval<string> a, Eval<string> b) => new CompareEval<string>(op, a, b, StringComparer.Ordinal),
        (Eval<bool> a, Eval<bool> b) => new CompareEval<bool>(op, a, b, Comparer<bool>.Default),
        _ => new CompareAnyEval(op, AsObject(left), AsObject(right)),
    };

    private static Eval Arithmetic(BinaryOp op, Eval left, Eval right) => (left, right) switch
    {
        (Eval<long> a, Eval<long> b) when op == BinaryOp.Divide =>
            new DoubleArithmeticEval(op, new LongToDoubleEval(a), new LongToDoubleEval(b)),
        (Eval<long> a, Eval<long> b) => new LongArithmeticEval(op, a, b),
        (Eval<long> a, Eval<double> b) => new ScaleEval(a, b, op == BinaryOp.Divide),
        (Eval<double> a, Eval<long> b) => new ScaleEval(b, a, divide: false),
        (Eval<double> a, Eval<double> b) => new DoubleArithmeticEval(op, a, b),
        _ => throw new InvalidOperationException($"'{op}' needs numbers."),
    };

    private static Eval Coalesce(Eval left, Eval right) => (left, right) switch
    {
        (Eval<bool> a, Eval<bool> b) => new CoalesceEval<bool>(a, b),
        (Eval<long> a, Eval<long> b) => new CoalesceEval<long>(a, b),
        (Eval<double> a, Eval<double> b) => new CoalesceEval<double>(a, b),
        (Eval<string> a, Eval<string> b) => new CoalesceEval<string>(a, b),
        _ => new CoalesceEval<object>(AsObject(left), AsObject(right)),
    };

    private Eval If(IfExpr e)
    {
        var condition = Condition(e.Condition);
        return (Compile(e.Then), Compile(e.Else)) switch
        {
            (Eval<bool> a, Eval<bool> b) => new IfEval<bool>(condition, a, b),
            (Eval<long> a, Eval<long> b) => new IfEval<long>(condition, a, b),
            (Eval<double> a, Eval<double> b) => new IfEval<double>(condition, a, b),
            (Eval<string> a, Eval<string> b) => new IfEval<string>(condition, a, b),
            var (a, b) => new IfEval<object>(condition, AsObject(a), AsObject(b)),
        };
    }

    private static Eval<object> AsObject(Eval e) => e as Eval<object> ?? new ToAnyEval(e);

    private Eval Convert(ConvertExpr e)
    {
        var operand = Compile(e.Operand);
        return (e.Type, operand) switch
        {
            (DataType.Any or DataType.List, Eval<object> x) => e.Type == DataType.List ? new ListOfAnyEval(x) : x,
            (DataType.Any or DataType.List, _) => new ToAnyEval(operand),
            (DataType.Number, Eval<long> x) => new LongToDoubleEval(x),
            (DataType.Number, Eval<object> x) => new FromAnyEval<double>(x),
            (DataType.String, Eval<object> x) => new FromAnyEval<string>(x),
            (DataType.Bool, Eval<object> x) => new FromAnyEval<bool>(x),
            (DataType.Integer or DataType.Timestamp or DataType.Duration, Eval<object> x) => new FromAnyEval<long>(x),
            _ when e.Operand is ConstExpr { Value: null } => Constant(null, e.Type),
            _ => operand,
        };
    }

    private Eval<bool> In(InExpr e) => Compile(e.Operand) switch
    {
        Eval<double> x => new InEval<double>(x, [.. e.Values.Select(AnyValue.Number)], e.Negated),
        Eval<long> x => new InEval<long>(x, [.. e.Values.Cast<long>()], e.Negated),
        Eval<string> x => new InEval<string>(
            x, new HashSet<string>(e.Values.Cast<string>(), StringComparer.Ordinal), e.Negated),
        Eval<bool> x => new InEval<bool>(x, [.. e.Values.Cast<bool>()], e.Negated),
        var x => new InListEval(x, new ConstEval<object>(e.Values.ToArray<object?>()), e.Negated),
    };
}

/// <summary>Texts tested against patterns, in time linear in the text.</summary>
internal static class TextPatterns
{
    public static Regex Regex(string pattern) =>
        new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    public static Regex Like(string pattern)
    {
        var re = new System.Text.StringBuilder(@"\A");
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
                c = pattern[++i];
            else if (c is '%' or '_')
            {
                re.Append(c == '%' ? @"[\s\S]*" : @"[\s\S]");
                continue;
            }

            re.Append(System.Text.RegularExpressions.Regex.Escape(c.ToString()));
        }

        return Regex(re.Append(@"\z").ToString());
    }
}
