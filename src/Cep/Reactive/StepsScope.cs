using System.Linq.Expressions;
using Cep.Expressions;

namespace Cep.Reactive;

/// <summary>The event that is tried for a step, and the events that steps have taken.</summary>
/// <param name="shape">The fields of events.</param>
/// <param name="names">The steps, by index.</param>
/// <param name="parameter">The event tried.</param>
/// <param name="steps">The steps' events; null where the condition does not ask for them.</param>
internal sealed class StepsScope(
    EventShape shape, IReadOnlyList<string> names, ParameterExpression parameter, ParameterExpression? steps)
    : TranslationScope
{
    private readonly EventScope _event = new(shape, parameter);

    public override Expr? Resolve(Expression expression)
    {
        if (StepCall(expression) is { } call)
            return OfCall(call);
        if (expression is not MemberExpression { Expression: { } owner } member || StepCall(owner) is not { } taken
            || EventOf(taken) is not { } which || taken.Arguments.Count > 1 || shape.Whole is not null)
            return _event.Resolve(expression);
        var field = shape.FieldOf(member.Member) ?? throw ExpressionTranslator.Unsupported(
            expression, $"a field of an event is one of {ColumnTypes.Supported}");
        return new StepValueExpr(StepOf(taken), which, field);
    }

    private MethodCallExpression? StepCall(Expression expression) =>
        steps is not null && expression is MethodCallExpression call && call.Object == steps ? call : null;

    private Expr OfCall(MethodCallExpression call)
    {
        var step = StepOf(call);
        if (EventOf(call) is not { } which)
            return new StepAggregateExpr(step, new AggregateCall(shape, call, first: 1).Group());
        if (call.Arguments.Count > 1)
            return new StepValueExpr(step, which, new AggregateCall(shape, call, first: 1).Value());
        return shape.Whole is { } whole
            ? new StepValueExpr(step, which, whole)
            : throw ExpressionTranslator.Unsupported(call, "an event is no value; name one of its fields");
    }

    private static StepEvent? EventOf(MethodCallExpression call) => call.Method.Name switch
    {
        nameof(Steps<>.First) => StepEvent.First,
        nameof(Steps<>.Last) => StepEvent.Last,
        nameof(Steps<>.Prev) => StepEvent.Previous,
        _ => null,
    };

    private int StepOf(MethodCallExpression call)
    {
        if (FreeParameters.AreIn(call.Arguments[0]))
            throw ExpressionTranslator.Unsupported(call, "the name of a step is a constant");
        var name = (string?)ExpressionTranslator.Evaluate(call.Arguments[0]);
        for (var i = 0; i < names.Count; i++)
            if (names[i] == name)
                return i;
        throw PatternLowering.Unknown(name, names);
    }
}
