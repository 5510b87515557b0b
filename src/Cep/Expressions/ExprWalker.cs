namespace Cep.Expressions;

/// <summary>Questions about whole expressions.</summary>
internal static class ExprWalker
{
    /// <summary>The expression itself and all it is made of.</summary>
    public static IEnumerable<Expr> SelfAndParts(Expr expr) => Parts(expr).SelectMany(SelfAndParts).Prepend(expr);

    /// <summary>True where the value is a function of the event's fields alone, which are added to the set.</summary>
    public static bool DependsOnFieldsOnly(Expr expr, HashSet<FieldExpr> fields)
    {
        if (expr is FieldExpr field)
            fields.Add(field);
        return expr is not (AggregateExpr or PrevExpr or ChangedExpr or NowExpr or KeyExpr or KeyPartExpr)
            && expr is not (SelectedExpr or WindowBoundExpr or StepValueExpr or StepAggregateExpr)
            && Parts(expr).All(part => DependsOnFieldsOnly(part, fields));
    }

    /// <summary>True where the value depends on earlier events of the key.</summary>
    public static bool IsStateful(Expr expr) => SelfAndParts(expr).Any(IsComputed);

    /// <summary>
    /// True where an aggregate (or, where asked for, a previous value) is part of it; those over steps do not count.
    /// </summary>
    public static bool NeedsHistory(Expr expr, bool previousToo) =>
        expr is AggregateExpr || (previousToo && expr is PrevExpr or ChangedExpr)
        || (expr is not StepAggregateExpr && Parts(expr).Any(part => NeedsHistory(part, previousToo)));

    /// <summary>True for what is worked out beside the event before the expressions that contain it.</summary>
    public static bool IsComputed(Expr expr) =>
        expr is PrevExpr or ChangedExpr or AggregateExpr { Range.Kind: not RangeKind.Group };

    /// <summary>True where the value depends on the events that a pattern's steps have taken.</summary>
    public static bool LooksAtSteps(Expr expr) => SelfAndParts(expr).Any(e => e is StepValueExpr or StepAggregateExpr);

    public static IEnumerable<Expr> Parts(Expr expr) => expr switch
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
        StepAggregateExpr e => [e.Aggregate],
        _ => [],
    };
}
