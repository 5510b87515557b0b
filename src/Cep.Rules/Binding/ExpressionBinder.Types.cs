using System.Diagnostics.CodeAnalysis;
using Cep.Events;
using Cep.Expressions;
using Cep.Rules.Syntax;

namespace Cep.Rules.Binding;

internal sealed partial class ExpressionBinder
{
    /// <summary>
    /// The expression as a value of the type, with a conversion where it takes one; null where there is none.
    /// </summary>
    private static Expr? Coerce(Expr expr, DataType type)
    {
        if (expr.Type == type)
            return expr;
        return (expr, type) switch
        {
            (ConstExpr { Value: null }, _) => new ConstExpr(null, type),
            (ConstExpr { Value: string text }, DataType.Timestamp) =>
                TimeText.TryParseIso(text, out var time) ? new ConstExpr(time, type) : null,
            (ConstExpr { Value: long value }, DataType.Number) when expr.Type == DataType.Integer =>
                new ConstExpr((double)value, type),
            ({ Type: DataType.Integer }, DataType.Number) => new ConvertExpr(expr, type),
            ({ Type: DataType.Any or DataType.Null }, _) => new ConvertExpr(expr, type),
            (_, DataType.Any) => new ConvertExpr(expr, type),
            _ => null,
        };
    }

    /// <summary>A conversion that is known to exist.</summary>
    private static Expr Converted(Expr expr, DataType type) => Coerce(expr, type) ?? expr;

    /// <summary>Brings two values to one type: the only one that both fit, where there is one.</summary>
    private static bool Unify([NotNull] ref Expr? left, [NotNull] ref Expr? right)
    {
        var type = Common(left!, right!);
        left = type is { } common ? Converted(left!, common) : left!;
        right = type is { } same ? Converted(right!, same) : right!;
        return type is not null;
    }

    private static DataType? Common(Expr left, Expr right)
    {
        var (a, b) = (left.Type, right.Type);
        if (a == b || b == DataType.Null)
            return a;
        if (a == DataType.Null)
            return b;
        // an any may hold 1.5 where it is compared with an integer
        if (a == DataType.Any || b == DataType.Any)
            return (a == DataType.Any ? b : a) is var other && other == DataType.Integer ? DataType.Number : other;
        if (a is DataType.Integer or DataType.Number && b is DataType.Integer or DataType.Number)
            return DataType.Number;
        if (a == DataType.Timestamp && Coerce(right, a) is not null)
            return a;
        return b == DataType.Timestamp && Coerce(left, b) is not null ? b : null;
    }

    private static bool IsNumeric(DataType type) => type is DataType.Integer or DataType.Number;

    private static bool IsOrdered(DataType type) =>
        type is DataType.Integer or DataType.Number or DataType.String or DataType.Timestamp or DataType.Duration
            or DataType.Any or DataType.Null;
}
