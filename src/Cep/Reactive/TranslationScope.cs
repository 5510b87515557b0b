using System.Linq.Expressions;
using Cep.Expressions;

namespace Cep.Reactive;

/// <summary>What the parameters of a C# expression stand for where it is translated.</summary>
internal abstract class TranslationScope
{
    /// <summary>The meaning of an expression that this scope knows, or null.</summary>
    public abstract Expr? Resolve(Expression expression);
}

/// <summary>One parameter: an event, whose members are fields.</summary>
internal sealed class EventScope(EventShape shape, ParameterExpression parameter) : TranslationScope
{
    public override Expr? Resolve(Expression expression)
    {
        if (expression == parameter && shape.Whole is { } whole)
            return whole;
        if (expression is not MemberExpression member || member.Expression != parameter || shape.Whole is not null)
            return null;
        return shape.FieldOf(member.Member) ?? throw ExpressionTranslator.Unsupported(
            expression, $"a field of an event is one of {ColumnTypes.Supported}");
    }
}

/// <summary>An event and the key's earlier events.</summary>
internal sealed class MovingScope(EventShape shape, ParameterExpression parameter, ParameterExpression moving)
    : TranslationScope
{
    private readonly EventScope _event = new(shape, parameter);

    public override Expr? Resolve(Expression expression) =>
        expression is MethodCallExpression call && call.Object == moving
            ? new AggregateCall(shape, call).Moving()
            : _event.Resolve(expression);
}

/// <summary>The events of a window.</summary>
internal sealed class SelectScope(EventShape shape, ParameterExpression window) : TranslationScope
{
    public override Expr? Resolve(Expression expression) => expression switch
    {
        MethodCallExpression call when call.Object == window => new AggregateCall(shape, call).Group(),
        MemberExpression member when member.Expression == window => new WindowBoundExpr(member.Member.Name == "End"),
        _ => null,
    };
}

/// <summary>What a window selected, as one value or as members of one.</summary>
internal sealed class ResultScope(ObjectParts parts, ValueList<Plans.NamedExpr> selected, ParameterExpression result)
    : TranslationScope
{
    public override Expr? Resolve(Expression expression)
    {
        if (expression == result && parts.IsWhole)
            return new SelectedExpr(0, selected[0].Value.Type);
        if (expression is not MemberExpression member || member.Expression != result)
            return null;
        var index = parts.IndexOf(member.Member.Name);
        return index < 0 ? null : new SelectedExpr(index, selected[index].Value.Type);
    }
}
