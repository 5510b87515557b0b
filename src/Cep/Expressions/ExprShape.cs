using Cep.Events;

namespace Cep.Expressions;

/// <summary>
/// Expressions without what can be tuned while state is kept: two that differ only in constants have equal shapes. What
/// has a memory of its own (aggregates, previous values, values of steps) stays as it is: with another constant it
/// would remember something else.
/// </summary>
internal static class ExprShape
{
    private static readonly object s_tuned = new();

    public static Expr Of(Expr expr) => expr switch
    {
        PrevExpr or ChangedExpr or AggregateExpr or StepValueExpr or StepAggregateExpr => expr,
        ConstExpr e => new ConstExpr(s_tuned, e.Type == DataType.Integer ? DataType.Number : e.Type),
        InExpr e => e with { Operand = Of(e.Operand), Values = [] },
        LikeExpr e => e with { Operand = Of(e.Operand), Pattern = "" },
        MatchExpr e => e with { Operand = Of(e.Operand), Pattern = "" },
        UnaryExpr e => e with { Operand = Of(e.Operand) },
        BinaryExpr e => e with { Left = Of(e.Left), Right = Of(e.Right) },
        ConvertExpr { Operand: ConstExpr c, Type: DataType.Number } => Of(c),
        ConvertExpr e => e with { Operand = Of(e.Operand) },
        InListExpr e => e with { Operand = Of(e.Operand), List = Of(e.List) },
        IfExpr e => e with { Condition = Of(e.Condition), Then = Of(e.Then), Else = Of(e.Else) },
        MemberExpr e => e with { Operand = Of(e.Operand) },
        IndexExpr e => e with { Operand = Of(e.Operand), Index = Of(e.Index) },
        ListExpr e => e with { Items = [.. e.Items.Select(Of)] },
        CallExpr e => e with { Arguments = [.. e.Arguments.Select(Of)] },
        _ => expr,
    };

    /// <summary>What <see cref="Of"/> takes out, in order, as expressions of their own.</summary>
    public static IEnumerable<Expr> Tuned(Expr expr) => expr switch
    {
        PrevExpr or ChangedExpr or AggregateExpr or StepValueExpr or StepAggregateExpr => [],
        ConstExpr => [expr],
        InExpr or LikeExpr or MatchExpr => ExprWalker.Parts(expr).SelectMany(Tuned).Append(expr),
        _ => ExprWalker.Parts(expr).SelectMany(Tuned),
    };
}
