using System.Linq.Expressions;
using Cep.Events;
using Cep.Expressions;

namespace Cep.Reactive;

internal sealed partial class ExpressionTranslator
{
    private Expr Binary(BinaryExpression e)
    {
        switch (e.NodeType)
        {
            case ExpressionType.AndAlso:
            case ExpressionType.And when Core(e.Type) == typeof(bool):
                return new BinaryExpr(BinaryOp.And, Translate(e.Left), Translate(e.Right), DataType.Bool);
            case ExpressionType.OrElse:
            case ExpressionType.Or when Core(e.Type) == typeof(bool):
                return new BinaryExpr(BinaryOp.Or, Translate(e.Left), Translate(e.Right), DataType.Bool);
            case ExpressionType.Coalesce:
                return Coalesce(e);
        }

        if (Comparison(e.NodeType) is { } comparison)
            return NullTest(e, comparison) ?? EnumTest(e, comparison) ?? Compare(e, comparison);
        return Arithmetic(e);
    }

    private static BinaryOp? Comparison(ExpressionType type) => type switch
    {
        ExpressionType.Equal => BinaryOp.Equal,
        ExpressionType.NotEqual => BinaryOp.NotEqual,
        ExpressionType.LessThan => BinaryOp.Less,
        ExpressionType.LessThanOrEqual => BinaryOp.LessOrEqual,
        ExpressionType.GreaterThan => BinaryOp.Greater,
        ExpressionType.GreaterThanOrEqual => BinaryOp.GreaterOrEqual,
        _ => null,
    };

    private Expr Coalesce(BinaryExpression e)
    {
        var (left, right) = (Translate(e.Left), Translate(e.Right));
        return Unify(ref left, ref right)
            ? new BinaryExpr(BinaryOp.Coalesce, left, right, left.Type)
            : throw Unsupported(e, "both sides need one type");
    }

    /// <summary><c>x == null</c> asks whether there is a value.</summary>
    private Expr? NullTest(BinaryExpression e, BinaryOp op)
    {
        if (op is not (BinaryOp.Equal or BinaryOp.NotEqual))
            return null;
        var operand = IsNull(e.Right) ? e.Left : IsNull(e.Left) ? e.Right : null;
        if (operand is null)
            return null;
        while (operand is UnaryExpression { NodeType: ExpressionType.Convert } converted)
            operand = converted.Operand;
        var test = op == BinaryOp.Equal ? UnaryOp.IsNull : UnaryOp.IsNotNull;
        return new UnaryExpr(test, Translate(operand), DataType.Bool);
    }

    private static bool IsNull(Expression e) => !FreeParameters.AreIn(e) && Evaluate(e) is null;

    /// <summary>The compiler compares enums as integers; their columns hold names.</summary>
    private Expr? EnumTest(BinaryExpression e, BinaryOp op)
    {
        var type = EnumType(e.Left) ?? EnumType(e.Right);
        if (type is null)
            return null;
        if (op is not (BinaryOp.Equal or BinaryOp.NotEqual))
            throw Unsupported(e, "values of an enum are texts here and have no order; name those that are meant");
        return new BinaryExpr(op, EnumText(e.Left, type), EnumText(e.Right, type), DataType.Bool);
    }

    private static Type? EnumType(Expression e)
    {
        for (; e is UnaryExpression { NodeType: ExpressionType.Convert } converted; e = converted.Operand)
        {
            if (Core(converted.Operand.Type) is { IsEnum: true } type)
                return type;
        }

        return Core(e.Type).IsEnum ? Core(e.Type) : null;
    }

    private Expr EnumText(Expression e, Type type)
    {
        if (!FreeParameters.AreIn(e))
            return new ConstExpr(Enum.ToObject(type, Evaluate(e)!).ToString(), DataType.String);
        while (e is UnaryExpression { NodeType: ExpressionType.Convert } converted)
            e = converted.Operand;
        return Translate(e);
    }

    private BinaryExpr Compare(BinaryExpression e, BinaryOp op)
    {
        var (left, right) = (Translate(e.Left), Translate(e.Right));
        return Unify(ref left, ref right)
            ? new BinaryExpr(op, left, right, DataType.Bool)
            : throw Unsupported(e, $"a {left.Type} and a {right.Type} cannot be compared");
    }

    private BinaryExpr Arithmetic(BinaryExpression e)
    {
        BinaryOp op = e.NodeType switch
        {
            ExpressionType.Add or ExpressionType.AddChecked => BinaryOp.Add,
            ExpressionType.Subtract or ExpressionType.SubtractChecked => BinaryOp.Subtract,
            ExpressionType.Multiply or ExpressionType.MultiplyChecked => BinaryOp.Multiply,
            ExpressionType.Divide => BinaryOp.Divide,
            ExpressionType.Modulo => BinaryOp.Modulo,
            _ => throw Unsupported(e, "the engine has nothing like it"),
        };
        var (left, right) = (Translate(e.Left), Translate(e.Right));
        var result = Result(op, ref left, ref right);
        if (result == DataType.Integer && op == BinaryOp.Divide)
            throw Unsupported(e, "a division gives a number with its fraction; cast one side to double to say so");
        return result == DataType.Null
            ? throw Unsupported(e, $"a {left.Type} and a {right.Type} have no such operation")
            : new BinaryExpr(op, left, right, result);
    }

    /// <summary>
    /// The type of an operation, Null where there is none; brings the operands to the types it wants.
    /// </summary>
    private static DataType Result(BinaryOp op, ref Expr left, ref Expr right)
    {
        const DataType time = DataType.Timestamp, span = DataType.Duration, number = DataType.Number;
        var (a, b) = (left.Type, right.Type);
        if (op == BinaryOp.Multiply && b == span && IsNumeric(a))
        {
            (left, right) = (right, left);
            (a, b) = (b, a);
        }

        if (IsNumeric(a) && IsNumeric(b))
            return Unify(ref left, ref right) ? left.Type : DataType.Null;
        if (a == span && IsNumeric(b) && op is BinaryOp.Multiply or BinaryOp.Divide)
        {
            right = ToNumber(right);
            return span;
        }

        return (op, a, b) switch
        {
            (BinaryOp.Subtract, time, time) => span,
            (BinaryOp.Add or BinaryOp.Subtract, time, span) => time,
            (BinaryOp.Add or BinaryOp.Subtract or BinaryOp.Modulo, span, span) => span,
            (BinaryOp.Divide, span, span) => number,
            _ => DataType.Null,
        };
    }

    private static bool IsNumeric(DataType type) => type is DataType.Integer or DataType.Number;

    /// <summary>Brings two values to one type, where there is one.</summary>
    private static bool Unify(ref Expr left, ref Expr right)
    {
        if (left.Type == right.Type)
            return true;
        if (left is ConstExpr { Value: null })
            left = new ConstExpr(null, right.Type);
        else if (right is ConstExpr { Value: null })
            right = new ConstExpr(null, left.Type);
        else if (IsNumeric(left.Type) && IsNumeric(right.Type))
            (left, right) = (ToNumber(left), ToNumber(right));
        return left.Type == right.Type;
    }
}
