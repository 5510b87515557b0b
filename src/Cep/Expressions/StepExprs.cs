namespace Cep.Expressions;

/// <summary>Which of the events that a step of a pattern has taken.</summary>
public enum StepEvent : byte
{
    First,
    Last,

    /// <summary>The one before the last.</summary>
    Previous,
}

/// <summary>
/// <c>b.x</c>, <c>first(b.x)</c>, <c>prev(b.x)</c> in a pattern: a value of an event that a step has taken, the one
/// being tried
/// included; null where there is none. The operand's fields are those of the step's stream.
/// </summary>
public sealed record StepValueExpr(int Step, StepEvent Which, Expr Operand) : Expr(Operand.Type);

/// <summary>
/// <c>sum(b.x)</c>, <c>count(b)</c> in a pattern: an aggregate over the events that a step has taken.
/// </summary>
public sealed record StepAggregateExpr(int Step, AggregateExpr Aggregate) : Expr(Aggregate.Type);
