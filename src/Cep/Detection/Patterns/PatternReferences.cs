using Cep.Expressions;
using Cep.Expressions.Evaluation;
using Cep.Plans;

namespace Cep.Detection.Patterns;

/// <summary>
/// What the conditions that a match may still come to look at among the events it has taken: two matches in one state
/// that agree in all of it go on in the same way.
/// </summary>
/// <param name="Values">Values of single events.</param>
/// <param name="Steps">Steps of whose events all matter.</param>
internal sealed record PatternReferences(PatternReference[] Values, int[] Steps)
{
    public bool IsEmpty => Values.Length + Steps.Length == 0;

    /// <summary>For each state what can still be looked at.</summary>
    public static PatternReferences[] Of(
        PatternPlan plan, PatternState[] states, StepContext context, LeafResolver leaves)
    {
        var sets = new HashSet<Reference>[states.Length];
        for (var i = 0; i < states.Length; i++)
            sets[i] = [.. states[i].Options.SelectMany(o => InOption(plan, o))];
        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = 0; i < states.Length; i++)
                foreach (var option in states[i].Options.Where(o => !o.IsAccept && o.Target != i))
                    foreach (var reference in sets[option.Target].ToArray())
                        changed |= sets[i].Add(reference);
        }

        var compiled = sets.SelectMany(s => s).Where(r => r.Operand is not null).Distinct()
            .ToDictionary(r => r, r => context.Reference(r.Step, r.Which, r.Operand!, leaves));
        return [.. sets.Select(s => new PatternReferences(
            [.. s.Where(r => r.Operand is not null).Select(r => compiled[r])],
            [.. s.Where(r => r.Operand is null).Select(r => r.Step)]))];
    }

    /// <summary>The fields that conditions look at in events taken before.</summary>
    public static int[] FieldsOf(PatternPlan plan) =>
    [
        .. plan.Steps.Select(s => s.Condition).SelectMany(ExprWalker.SelfAndParts).OfType<StepValueExpr>()
            .Select(e => e.Operand).OfType<FieldExpr>().Select(f => f.Field).Distinct(),
    ];

    /// <param name="Step">Whose events.</param>
    /// <param name="Which">Which of them.</param>
    /// <param name="Operand">The value of it; null: all events of the step.</param>
    private sealed record Reference(int Step, StepEvent Which, Expr? Operand);

    private static IEnumerable<Reference> InOption(PatternPlan plan, PatternOption option)
    {
        var steps = option.Negations.SelectMany(n => n.Steps);
        if (!option.IsAccept)
            steps = steps.Append(option.Step);
        foreach (var index in steps)
        {
            var step = plan.Steps[index];
            foreach (var expr in new[] { step.Where, step.Condition, step.Until }.OfType<Expr>())
                foreach (var reference in ExprWalker.SelfAndParts(expr).SelectMany(OfPart))
                    yield return reference;
        }
    }

    private static IEnumerable<Reference> OfPart(Expr part)
    {
        switch (part)
        {
            case StepValueExpr e:
                yield return new Reference(e.Step, e.Which, e.Operand);

                // the last one is the one before it when another comes
                if (e.Which == StepEvent.Previous)
                    yield return new Reference(e.Step, StepEvent.Last, e.Operand);
                break;
            case StepAggregateExpr e:
                yield return new Reference(e.Step, StepEvent.Last, null);
                break;
        }
    }
}

/// <summary>A value of one of the events that a match has taken.</summary>
internal abstract class PatternReference
{
    /// <summary>Whether two matches, by the links of their last events, have the same.</summary>
    public abstract bool IsSame(int a, int b);

    public abstract int HashOf(int link);
}
