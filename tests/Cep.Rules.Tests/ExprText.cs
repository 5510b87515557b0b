using System.Globalization;
using Cep.Events;
using Cep.Expressions;

namespace Cep.Rules.Tests;

/// <summary>Writes a bound expression so that its structure, conversions and ranges can be read.</summary>
internal static class ExprText
{
    public static string Of(Expr? expr) => expr switch
    {
        null => "null",
        ConstExpr e => Constant(e.Value, e.Type),
        FieldExpr e => e.Name,
        KeyPartExpr e => $"key#{e.Index}",
        KeyExpr => "key()",
        NowExpr => "now()",
        SelectedExpr e => $"selected#{e.Index}",
        WindowBoundExpr e => e.End ? "window.end" : "window.start",
        UnaryExpr e => $"{e.Op}({Of(e.Operand)})",
        BinaryExpr e => $"{e.Op}({Of(e.Left)}, {Of(e.Right)})",
        ConvertExpr e => $"{Of(e.Operand)}::{e.Type}",
        InExpr e => $"{(e.Negated ? "NotIn"
            : "In")}({Of(e.Operand)}, [{string.Join(", ", e.Values.Select(v => Constant(v, DataType.Null)))}])",
        InListExpr e => $"{(e.Negated ? "NotInList" : "InList")}({Of(e.Operand)}, {Of(e.List)})",
        LikeExpr e => $"Like({Of(e.Operand)}, '{e.Pattern}')",
        MatchExpr e => $"Match({Of(e.Operand)}, '{e.Pattern}')",
        IfExpr e => $"If({Of(e.Condition)}, {Of(e.Then)}, {Of(e.Else)})",
        MemberExpr e => $"{Of(e.Operand)}.{e.Name}",
        IndexExpr e => $"{Of(e.Operand)}[{Of(e.Index)}]",
        ListExpr e => $"[{string.Join(", ", e.Items.Select(Of))}]",
        CallExpr e => $"{e.Function}({string.Join(", ", e.Arguments.Select(Of))})",
        PrevExpr e => $"Prev({Of(e.Operand)}, {e.Back})",
        ChangedExpr e => $"Changed({Of(e.Operand)})",
        AggregateExpr e => Aggregate(e),
        _ => throw new NotSupportedException(expr.GetType().Name),
    };

    private static string Aggregate(AggregateExpr e)
    {
        var arguments = e.Argument is null ? "" : Of(e.Argument);
        if (e.Parameter != 0)
            arguments += FormattableString.Invariant($", {e.Parameter}");
        var range = e.Range.Kind == RangeKind.Group
            ? ""
            : $" over {(e.Range.Prior ? "prior " : "")}{e.Range.Length} {e.Range.Kind}";
        return $"{e.Kind}({arguments}){range}";
    }

    private static string Constant(object? value, DataType type) => value switch
    {
        null => type == DataType.Null ? "null" : $"null:{type}",
        string text => $"'{text}'",
        long number => type is DataType.Timestamp or DataType.Duration
            ? $"{number}:{type}"
            : number.ToString(CultureInfo.InvariantCulture),
        double number => number.ToString("0.0###", CultureInfo.InvariantCulture),
        object?[] items => $"[{string.Join(", ", items.Select(i => Constant(i, DataType.Null)))}]",
        _ => value.ToString()!.ToLowerInvariant(),
    };
}
