using System.Linq.Expressions;
using Cep.Events;
using Cep.Expressions;

namespace Cep.Reactive;

/// <summary>
/// Translates C# expressions to those of the engine, which the rule language compiles to as well. They mean what they
/// mean there: a comparison with null is false, every operation is total. What does not depend on an event, such as a
/// captured variable, is read once, when the operator is made.
/// </summary>
internal sealed partial class ExpressionTranslator(TranslationScope scope)
{
    /// <exception cref="NotSupportedException">
    /// The engine has nothing like it; the message names the part and a way out.
    /// </exception>
    public Expr Translate(Expression e)
    {
        if (scope.Resolve(e) is { } known)
            return known;
        if (!FreeParameters.AreIn(e))
            return ColumnTypes.Literal(Evaluate(e))
                ?? throw Unsupported(e, $"a value is one of {ColumnTypes.Supported}");
        return e switch
        {
            BinaryExpression b => Binary(b),
            UnaryExpression u => Unary(u),
            ConditionalExpression c => If(c),
            MemberExpression m => Member(m),
            MethodCallExpression c => Call(c),
            _ => throw Unsupported(e, "the engine has nothing like it"),
        };
    }

    /// <summary>A condition of a rule.</summary>
    public static Expr Translate(LambdaExpression lambda, TranslationScope scope) =>
        new ExpressionTranslator(scope).Translate(lambda.Body);

    public static NotSupportedException Unsupported(Expression e, string why) => new(
        $"'{e}' cannot be part of a rule: {why}. "
        + "Or work it out before the rule, in a Select that gives the event one more property.");

    /// <summary>The value of an expression that depends on no event.</summary>
    public static object? Evaluate(Expression e) => e is ConstantExpression constant
        ? constant.Value
        : Expression.Lambda<Func<object?>>(Expression.Convert(e, typeof(object))).Compile(preferInterpretation: true)();

    /// <summary>An integer as a number.</summary>
    public static Expr ToNumber(Expr expr) => expr switch
    {
        { Type: DataType.Number } => expr,
        ConstExpr { Value: null } => new ConstExpr(null, DataType.Number),
        ConstExpr { Value: long value } => new ConstExpr((double)value, DataType.Number),
        _ => new ConvertExpr(expr, DataType.Number),
    };

    private Expr If(ConditionalExpression e)
    {
        var (then, otherwise) = (Translate(e.IfTrue), Translate(e.IfFalse));
        if (!Unify(ref then, ref otherwise))
            throw Unsupported(e, "both branches need one type");
        return new IfExpr(Translate(e.Test), then, otherwise, then.Type);
    }

    private Expr Unary(UnaryExpression e)
    {
        switch (e.NodeType)
        {
            case ExpressionType.Not when Core(e.Type) == typeof(bool):
                return new UnaryExpr(UnaryOp.Not, Translate(e.Operand), DataType.Bool);
            case ExpressionType.Negate or ExpressionType.NegateChecked:
                var operand = Translate(e.Operand);
                return new UnaryExpr(UnaryOp.Negate, operand, operand.Type);
            case ExpressionType.Convert or ExpressionType.ConvertChecked:
                return Convert(e);
            case ExpressionType.UnaryPlus:
                return Translate(e.Operand);
            default:
                throw Unsupported(e, "the engine has nothing like it");
        }
    }

    private Expr Convert(UnaryExpression e)
    {
        var (from, to) = (Core(e.Operand.Type), Core(e.Type));
        var operand = Translate(e.Operand);
        if (from == to || to == typeof(object) || to == typeof(ValueType) || to == typeof(Enum))
            return operand;
        switch (ColumnTypes.Of(from), ColumnTypes.Of(to))
        {
            case (DataType.Integer, DataType.Number):
                return ToNumber(operand);
            case (DataType.Number, DataType.Number):
            case (DataType.Timestamp, DataType.Timestamp):
            case (DataType.Integer, DataType.Integer) when Widens(from, to):
                return operand;
            case (DataType.Number, DataType.Integer):
                throw Unsupported(e, "compare numbers as they are, or round them with Math.Floor");
            default:
                throw Unsupported(e, $"there is no conversion from {from.Name} to {to.Name}");
        }
    }

    private static bool Widens(Type from, Type to) =>
        to == typeof(long) || (to == typeof(int) && from != typeof(long) && from != typeof(uint));

    private Expr Member(MemberExpression e)
    {
        var owner = e.Expression is null ? null : Core(e.Expression.Type);
        switch (e.Member.Name)
        {
            case "HasValue" when Nullable.GetUnderlyingType(e.Expression!.Type) is not null:
                return new UnaryExpr(UnaryOp.IsNotNull, Translate(e.Expression), DataType.Bool);
            case "Value" when Nullable.GetUnderlyingType(e.Expression!.Type) is not null:
                return Translate(e.Expression);
            case nameof(string.Length) when owner == typeof(string):
                return Function(Expressions.Function.Length, Translate(e.Expression!));
        }

        if (owner == typeof(TimeSpan) && UnitMs(e.Member.Name) is > 0 and var unit)
            return new BinaryExpr(
                BinaryOp.Divide, Translate(e.Expression!), new ConstExpr(unit, DataType.Duration), DataType.Number);
        throw Unsupported(e, "fields are properties of the event itself");
    }

    private static long UnitMs(string member) => member switch
    {
        nameof(TimeSpan.TotalMilliseconds) => 1,
        nameof(TimeSpan.TotalSeconds) => 1_000,
        nameof(TimeSpan.TotalMinutes) => 60_000,
        nameof(TimeSpan.TotalHours) => 3_600_000,
        nameof(TimeSpan.TotalDays) => 86_400_000,
        _ => 0,
    };

    private static Type Core(Type type) => Nullable.GetUnderlyingType(type) ?? type;
}
