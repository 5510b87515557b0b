using System.Collections;
using System.Linq.Expressions;
using System.Text.RegularExpressions;
using Cep.Events;
using Cep.Expressions;
using Cep.Expressions.Evaluation;

namespace Cep.Reactive;

internal sealed partial class ExpressionTranslator
{
    private Expr Call(MethodCallExpression e)
    {
        var type = e.Method.DeclaringType;
        if (e.Method.Name == nameof(Enumerable.Contains) && Collection(e) is var (list, item))
            return InList(e, list, item);
        if (type == typeof(string))
            return OfString(e);
        if (type == typeof(Math))
            return OfMath(e);
        if (type == typeof(Regex) && e is { Object: null, Method.Name: nameof(Regex.IsMatch) }
            && e.Arguments is [var text, var pattern] && !FreeParameters.AreIn(pattern))
            return Match(Translate(text), (string)Evaluate(pattern)!);
        if (e is { Method.Name: "GetValueOrDefault", Object: { } nullable, Arguments.Count: 0 }
            && Nullable.GetUnderlyingType(nullable.Type) is { } core)
        {
            var zero = ColumnTypes.Literal(Activator.CreateInstance(core))!;
            return new BinaryExpr(BinaryOp.Coalesce, Translate(nullable), zero, zero.Type);
        }

        throw Unsupported(e, $"the engine does not know {type?.Name}.{e.Method.Name}");
    }

    /// <summary>A pattern that is wrong, or cannot run in linear time, is told where it is written.</summary>
    private static MatchExpr Match(Expr text, string pattern)
    {
        _ = TextPatterns.Regex(pattern);
        return new MatchExpr(text, pattern);
    }

    private Expr OfString(MethodCallExpression e)
    {
        if (e is { Method.Name: nameof(string.IsNullOrEmpty), Arguments: [var text] })
        {
            var operand = Translate(text);
            var isNull = new UnaryExpr(UnaryOp.IsNull, operand, DataType.Bool);
            var isEmpty = new BinaryExpr(BinaryOp.Equal, operand, new ConstExpr("", DataType.String), DataType.Bool);
            return new BinaryExpr(BinaryOp.Or, isNull, isEmpty, DataType.Bool);
        }

        Function? function = e.Method.Name switch
        {
            nameof(string.Contains) => Expressions.Function.Contains,
            nameof(string.StartsWith) => Expressions.Function.StartsWith,
            nameof(string.EndsWith) => Expressions.Function.EndsWith,
            nameof(string.ToLower) or nameof(string.ToLowerInvariant) => Expressions.Function.Lower,
            nameof(string.ToUpper) or nameof(string.ToUpperInvariant) => Expressions.Function.Upper,
            _ => null,
        };
        if (function is null || e.Object is null)
            throw Unsupported(e, $"the engine does not know string.{e.Method.Name}");
        return e.Arguments switch
        {
            [] => Function(function.Value, Translate(e.Object)),
            [{ Type: var t } what] when t == typeof(string) =>
                Function(function.Value, Translate(e.Object), Translate(what)),
            [{ Type: var t } what, var how] when t == typeof(string) && IsOrdinal(how) =>
                Function(function.Value, Translate(e.Object), Translate(what)),
            _ => throw Unsupported(e, "texts are compared by their characters, as StringComparison.Ordinal does"),
        };
    }

    private static bool IsOrdinal(Expression e) =>
        !FreeParameters.AreIn(e) && Evaluate(e) is StringComparison.Ordinal;

    private Expr OfMath(MethodCallExpression e)
    {
        if (e.Method.Name == nameof(Math.Round))
            return Round(e);
        Function? function = (e.Method.Name, e.Arguments.Count) switch
        {
            (nameof(Math.Abs), 1) => Expressions.Function.Abs,
            (nameof(Math.Floor), 1) => Expressions.Function.Floor,
            (nameof(Math.Ceiling), 1) => Expressions.Function.Ceil,
            (nameof(Math.Sqrt), 1) => Expressions.Function.Sqrt,
            (nameof(Math.Log), 1) => Expressions.Function.Ln,
            (nameof(Math.Exp), 1) => Expressions.Function.Exp,
            (nameof(Math.Pow), 2) => Expressions.Function.Pow,
            (nameof(Math.Min), 2) => Expressions.Function.Least,
            (nameof(Math.Max), 2) => Expressions.Function.Greatest,
            _ => null,
        };
        return function is null
            ? throw Unsupported(e, $"the engine does not know Math.{e.Method.Name}")
            : Function(function.Value, [.. e.Arguments.Select(Translate)]);
    }

    private Expr Round(MethodCallExpression e)
    {
        if (FreeParameters.AreIn(e.Arguments[^1]) || Evaluate(e.Arguments[^1]) is not MidpointRounding.AwayFromZero)
            throw Unsupported(e, "halves are rounded away from zero; add MidpointRounding.AwayFromZero to say so");
        return Function(Expressions.Function.Round, [.. e.Arguments.SkipLast(1).Select(Translate)]);
    }

    private static CallExpr Function(Function function, params Expr[] arguments)
    {
        var signature = FunctionSignature.All.Values.First(f => f.Function == function);
        for (var i = 0; i < arguments.Length; i++)
            if (signature.Parameters[Math.Min(i, signature.Parameters.Count - 1)].Type == DataType.Number)
                arguments[i] = ToNumber(arguments[i]);
        if (signature.Variadic && arguments.Length == 2)
            Unify(ref arguments[0], ref arguments[1]);
        return new CallExpr(function, [.. arguments], signature.Result ?? arguments[0].Type);
    }

    /// <summary>
    /// The collection and the item of a <c>Contains</c> that asks a collection which no event changes.
    /// </summary>
    private static (object List, Expression Item)? Collection(MethodCallExpression e)
    {
        var (list, item) = e switch
        {
            { Object: { } instance, Arguments: [var only] } when instance.Type != typeof(string) => (instance, only),
            { Object: null, Arguments: [var first, var second] } => (first, second),

            // the compiler may choose the overload with a comparer, and give none
            { Object: null, Arguments: [var first, var second, ConstantExpression { Value: null }] } => (first, second),
            _ => (null, null),
        };

        // an array whose Contains is that of a span is converted first, to what cannot be an object
        if (list is MethodCallExpression { Method.Name: "op_Implicit", Arguments: [var array] })
            list = array;
        if (list is UnaryExpression { NodeType: ExpressionType.Convert } converted && converted.Operand.Type.IsArray)
            list = converted.Operand;
        return list is null || item is null || FreeParameters.AreIn(list) || Evaluate(list) is not { } values
            ? null
            : (values, item);
    }

    private Expr InList(MethodCallExpression e, object list, Expression item)
    {
        var operand = EnumType(item) is null ? Translate(item) : EnumText(item, EnumType(item)!);
        var values = new List<object>();
        foreach (var value in (IEnumerable)list)
        {
            var literal = ColumnTypes.Literal(value);
            if (literal?.Value is null || literal.Type != operand.Type)
                throw Unsupported(e, $"a list of {operand.Type} values without null is needed");
            values.Add(literal.Value);
        }

        return new InExpr(operand, [.. values], Negated: false);
    }
}
