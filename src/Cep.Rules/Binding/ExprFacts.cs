using Cep.Expressions;

namespace Cep.Rules.Binding;

/// <summary>What can be told of a bound expression by looking through it.</summary>
internal static class ExprFacts
{
    /// <summary>True where an expression looks at earlier events of its key.</summary>
    /// <param name="expr">The expression.</param>
    /// <param name="prevToo">Also by prev or changed, not by aggregates alone.</param>
    public static bool NeedsHistory(Expr expr, bool prevToo) => Any(expr, e =>
        e is AggregateExpr || prevToo && e is PrevExpr or ChangedExpr);

    /// <summary>True where an expression looks at the events of a pattern's steps.</summary>
    public static bool LooksAtSteps(Expr expr) => Any(expr, e => e is StepValueExpr or StepAggregateExpr);

    public static bool Any(Expr expr, Func<Expr, bool> test) => test(expr) || Children(expr).Any(c => Any(c, test));

    public static IEnumerable<Expr> Children(Expr expr) => expr switch
    {
        UnaryExpr e => [e.Operand],
        BinaryExpr e => [e.Left, e.Right],
        ConvertExpr e => [e.Operand],
        InExpr e => [e.Operand],
        InListExpr e => [e.Operand, e.List],
        LikeExpr e => [e.Operand],
        MatchExpr e => [e.Operand],
        IfExpr e => [e.Condition, e.Then, e.Else],
        MemberExpr e => [e.Operand],
        IndexExpr e => [e.Operand, e.Index],
        ListExpr e => e.Items,
        CallExpr e => e.Arguments,
        PrevExpr e => [e.Operand],
        ChangedExpr e => [e.Operand],
        AggregateExpr { Argument: { } argument } => [argument],
        StepValueExpr e => [e.Operand],
        _ => [],
    };
}
