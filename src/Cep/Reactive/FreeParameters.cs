using System.Linq.Expressions;

namespace Cep.Reactive;

/// <summary>
/// Finds the parameters of an expression that no lambda inside it declares: it depends on an event where there are
/// some.
/// </summary>
internal sealed class FreeParameters : ExpressionVisitor
{
    private readonly HashSet<ParameterExpression> _bound = [];
    private bool _found;

    public static bool AreIn(Expression e)
    {
        var visitor = new FreeParameters();
        visitor.Visit(e);
        return visitor._found;
    }

    protected override Expression VisitLambda<T>(Expression<T> node)
    {
        _bound.UnionWith(node.Parameters);
        return base.VisitLambda(node);
    }

    protected override Expression VisitParameter(ParameterExpression node)
    {
        _found |= !_bound.Contains(node);
        return node;
    }
}
