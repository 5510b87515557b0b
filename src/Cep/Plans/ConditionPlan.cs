using Cep.Expressions;

namespace Cep.Plans;

/// <summary><c>when</c>: a condition on each event.</summary>
/// <param name="When">The condition.</param>
/// <param name="ForMs">It must hold at all events for this time before it fires; 0: at once.</param>
/// <param name="Resolve">Resolves a firing alert; null: when the condition no longer holds.</param>
/// <param name="Rising">Fires only where the condition turns true.</param>
/// <param name="EveryMs">Also evaluated for each key on this beat of event time, aligned to the epoch; 0: at events
/// only.</param>
public sealed record ConditionPlan(Expr When, long ForMs, Expr? Resolve, bool Rising, long EveryMs) : DetectorPlan
{
    /// <summary>True where an alert of the rule is a state of its key: firing once, then resolved.</summary>
    public bool HasState => ForMs > 0 || Resolve is not null;
}
