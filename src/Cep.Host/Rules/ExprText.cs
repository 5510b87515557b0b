using Cep.Events;
using Cep.Expressions;

namespace Cep.Host.Rules;

/// <summary>Compiled expressions in the notation of the rule language.</summary>
internal static class ExprText
{
    private static readonly string[] Binary =
        ["or", "and", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "??"];

    public static string Of(Expr expr) => expr switch
    {
        ConstExpr e => Constant(e.Value, e.Type),
        FieldExpr e => e.Name,
        KeyPartExpr e => $"key()[{e.Index}]",
        KeyExpr => "key()",
        NowExpr => "now()",
        SelectedExpr e => $"selected[{e.Index}]",
        WindowBoundExpr e => e.End ? "window.end" : "window.start",
        UnaryExpr e => Unary(e),
        BinaryExpr e => $"({Of(e.Left)} {Binary[(int)e.Op]} {Of(e.Right)})",
        ConvertExpr e => Of(e.Operand),
        InExpr e => $"{Of(e.Operand)} {(e.Negated ? "not in" : "in")} {Constant(e.Values.ToArray(), e.Operand.Type)}",
        InListExpr e => $"{Of(e.Operand)} {(e.Negated ? "not in" : "in")} {Of(e.List)}",
        LikeExpr e => $"{Of(e.Operand)} like '{e.Pattern}'",
        MatchExpr e => $"{Of(e.Operand)} matches '{e.Pattern}'",
        IfExpr e => $"if({Of(e.Condition)}, {Of(e.Then)}, {Of(e.Else)})",
        MemberExpr e => $"{Of(e.Operand)}.{e.Name}",
        IndexExpr e => $"{Of(e.Operand)}[{Of(e.Index)}]",
        ListExpr e => $"[{string.Join(", ", e.Items.Select(Of))}]",
        CallExpr e => $"{Snake(e.Function.ToString())}({string.Join(", ", e.Arguments.Select(Of))})",
        PrevExpr e => e.Back == 1 ? $"prev({Of(e.Operand)})" : $"prev({Of(e.Operand)}, {e.Back})",
        ChangedExpr e => $"changed({Of(e.Operand)})",
        AggregateExpr e => Aggregate(e),
        _ => expr.ToString(),
    };

    private static string Unary(UnaryExpr e) => e.Op switch
    {
        UnaryOp.Not => $"not {Of(e.Operand)}",
        UnaryOp.Negate => $"-{Of(e.Operand)}",
        UnaryOp.IsNull => $"{Of(e.Operand)} is null",
        _ => $"{Of(e.Operand)} is not null",
    };

    private static string Aggregate(AggregateExpr e)
    {
        var parameter = e.Kind switch
        {
            AggregateKind.Quantile or AggregateKind.TopK => $", {Constant(e.Parameter, DataType.Number)}",
            AggregateKind.Ewma => $", {PlanText.DurationOf((long)e.Parameter)}",
            _ => "",
        };
        var call = $"{e.Kind.ToString().ToLowerInvariant()}({(e.Argument is null ? "" : Of(e.Argument))}{parameter})";
        var prior = e.Range.Prior ? "prior " : "";
        return e.Range.Kind switch
        {
            RangeKind.Time => $"{call} over {prior}{PlanText.DurationOf(e.Range.Length)}",
            RangeKind.Rows => $"{call} over {(e.Range.Prior ? "prior" : "last")} {e.Range.Length}",
            _ => call,
        };
    }

    private static string Constant(object? value, DataType type) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        string text => $"'{text}'",
        long ms when type == DataType.Duration => PlanText.DurationOf(ms),
        object?[] items => $"[{string.Join(", ", items.Select(i => Constant(i, type)))}]",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Snake(string name) =>
        string.Concat(
            name.Select((c, i) => char.IsUpper(c) ? $"{(i > 0 ? "_" : "")}{char.ToLowerInvariant(c)}" : c.ToString()));
}
