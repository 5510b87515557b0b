using Cep.Expressions;

namespace Cep.Host.Explaining;

/// <summary>What a condition is made of: parts that must all hold, and the values that each looks at.</summary>
internal sealed class ConditionParts
{
    public ConditionParts(Expr condition) =>
        Parts = [.. Conjuncts(condition).Select(c => (c, (IReadOnlyList<Expr>)[.. Leaves(c).Distinct()]))];

    public IReadOnlyList<(Expr Part, IReadOnlyList<Expr> Leaves)> Parts { get; }

    /// <summary>Each part, followed by its leaves.</summary>
    public IReadOnlyList<Expr> All => [.. Parts.SelectMany(p => p.Leaves.Prepend(p.Part))];

    public static IEnumerable<Expr> Conjuncts(Expr expr) => expr is BinaryExpr { Op: BinaryOp.And } and
        ? Conjuncts(and.Left).Concat(Conjuncts(and.Right))
        : [expr];

    /// <summary>How many parts hold, of values in the order of <see cref="All"/>.</summary>
    public int Held(IReadOnlyList<object?> values)
    {
        var (held, at) = (0, 0);
        foreach (var (_, leaves) in Parts)
        {
            if (values[at] is true)
                held++;
            at += leaves.Count + 1;
        }

        return held;
    }

    /// <summary>The parts that hold and those that do not, with the values they look at.</summary>
    public IEnumerable<string> Lines(IReadOnlyList<object?> values, Func<Expr, string> textOf)
    {
        var at = 0;
        foreach (var (part, leaves) in Parts)
        {
            var shown = leaves.Select((leaf, i) => $"{textOf(leaf)} = {ShownText.Value(values[at + 1 + i])}").ToList();
            var with = shown.Count == 0 || (leaves.Count == 1 && ReferenceEquals(leaves[0], part))
                ? ""
                : $"   [{string.Join(", ", shown)}]";
            yield return $"{(values[at] is true ? "holds " : "fails ")} {textOf(part)}{with}";
            at += leaves.Count + 1;
        }
    }

    private static IEnumerable<Expr> Leaves(Expr expr) => expr switch
    {
        ConstExpr => [],
        ConvertExpr convert => Leaves(convert.Operand),
        StepValueExpr or StepAggregateExpr or SelectedExpr => [expr],
        _ when ExprWalker.IsComputed(expr) => [expr],
        _ => ExprWalker.Parts(expr).ToArray() is { Length: > 0 } parts ? parts.SelectMany(Leaves) : [expr],
    };
}
