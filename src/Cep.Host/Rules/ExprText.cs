using Cep.Events;
using Cep.Expressions;

namespace Cep.Host.Rules;

/// <summary>Compiled expressions in the notation of the rule language.</summary>
internal sealed class ExprText(IReadOnlyList<string> steps, IReadOnlyList<string> selected)
{
    private static readonly string[] Binary =
        ["or", "and", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "??"];

    /// <summary>An expression that names no step of a pattern.</summary>
    public static string Of(Expr expr) => new ExprText([], []).Text(expr);

    public string Text(Expr expr) => expr switch
    {
        ConstExpr e => Constant(e.Value, e.Type),
        FieldExpr e => e.Name,
        KeyPartExpr e => $"key()[{e.Index}]",
        KeyExpr => "key()",
        NowExpr => "now()",
        SelectedExpr e => selected[e.Index],
        WindowBoundExpr e => e.End ? "window.end" : "window.start",
        UnaryExpr e => Unary(e),
        BinaryExpr e => $"({Text(e.Left)} {Binary[(int)e.Op]} {Text(e.Right)})",
        ConvertExpr e => Text(e.Operand),
        InExpr e => $"{Text(e.Operand)} {(e.Negated ? "not in" : "in")} {Constant(e.Values.ToArray(), e.Operand.Type)}",
        InListExpr e => $"{Text(e.Operand)} {(e.Negated ? "not in" : "in")} {Text(e.List)}",
        LikeExpr e => $"{Text(e.Operand)} like '{e.Pattern}'",
        MatchExpr e => $"{Text(e.Operand)} matches '{e.Pattern}'",
        IfExpr e => $"if({Text(e.Condition)}, {Text(e.Then)}, {Text(e.Else)})",
        MemberExpr e => $"{Text(e.Operand)}.{e.Name}",
        IndexExpr e => $"{Text(e.Operand)}[{Text(e.Index)}]",
        ListExpr e => $"[{string.Join(", ", e.Items.Select(Text))}]",
        CallExpr e => $"{Snake(e.Function.ToString())}({string.Join(", ", e.Arguments.Select(Text))})",
        PrevExpr e => e.Back == 1 ? $"prev({Text(e.Operand)})" : $"prev({Text(e.Operand)}, {e.Back})",
        ChangedExpr e => $"changed({Text(e.Operand)})",
        AggregateExpr e => Aggregate(e),
        StepValueExpr e => StepValue(e),
        StepAggregateExpr e => StepAggregate(e),
        _ => expr.ToString(),
    };

    private string Unary(UnaryExpr e) => e.Op switch
    {
        UnaryOp.Not => $"not {Text(e.Operand)}",
        UnaryOp.Negate => $"-{Text(e.Operand)}",
        UnaryOp.IsNull => $"{Text(e.Operand)} is null",
        _ => $"{Text(e.Operand)} is not null",
    };

    private string Aggregate(AggregateExpr e)
    {
        var parameter = e.Kind switch
        {
            AggregateKind.Quantile or AggregateKind.TopK => $", {Constant(e.Parameter, DataType.Number)}",
            AggregateKind.Ewma => $", {PlanText.DurationOf((long)e.Parameter)}",
            _ => "",
        };
        var call = $"{e.Kind.ToString().ToLowerInvariant()}({(e.Argument is null ? "" : Text(e.Argument))}{parameter})";
        var prior = e.Range.Prior ? "prior " : "";
        return e.Range.Kind switch
        {
            RangeKind.Time => $"{call} over {prior}{PlanText.DurationOf(e.Range.Length)}",
            RangeKind.Rows => $"{call} over {(e.Range.Prior ? "prior" : "last")} {e.Range.Length}",
            _ => call,
        };
    }

    private string StepValue(StepValueExpr e)
    {
        var value = e.Operand is FieldExpr field
            ? $"{steps[e.Step]}.{field.Name}"
            : $"{steps[e.Step]}: {Text(e.Operand)}";
        return e.Which switch
        {
            StepEvent.First => $"first({value})",
            StepEvent.Previous => $"prev({value})",
            _ => value,
        };
    }

    private string StepAggregate(StepAggregateExpr e)
    {
        var of = e.Aggregate.Argument switch
        {
            null => steps[e.Step],
            FieldExpr field => $"{steps[e.Step]}.{field.Name}",
            var argument => $"{steps[e.Step]}: {Text(argument)}",
        };
        return $"{e.Aggregate.Kind.ToString().ToLowerInvariant()}({of})";
    }

    public static string Constant(object? value, DataType type) => value switch
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
