using Cep.Expressions;
using Cep.Plans;

namespace Cep.Detection.Patterns;

/// <summary>
/// Which of the events taken so far the conditions look at that a match may still come to: two matches in one state
/// that agree in these go on in the same way.
/// </summary>
/// <param name="Last">Steps of whose events the last matters.</param>
/// <param name="BeforeLast">Steps of whose events the one before the last matters too.</param>
/// <param name="All">Steps of whose events all matter, or the first.</param>
internal sealed record PatternReferences(int[] Last, int[] BeforeLast, int[] All)
{
    public bool IsEmpty => Last.Length + BeforeLast.Length + All.Length == 0;

    /// <summary>For each state what can still be looked at.</summary>
    public static PatternReferences[] Of(PatternPlan plan, PatternState[] states)
    {
        var sets = new HashSet<(int Step, int Kind)>[states.Length];
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

        return [.. sets.Select(s => new PatternReferences(StepsOf(s, 0), StepsOf(s, 1), StepsOf(s, 2)))];
    }

    private static int[] StepsOf(HashSet<(int Step, int Kind)> references, int kind) =>
        [.. references.Where(r => r.Kind == kind).Select(r => r.Step).Order()];

    private static IEnumerable<(int Step, int Kind)> InOption(PatternPlan plan, PatternOption option)
    {
        var steps = option.Negations.SelectMany(n => n.Steps);
        if (!option.IsAccept)
            steps = steps.Append(option.Step);
        foreach (var step in steps.Select(s => plan.Steps[s]))
            foreach (var expr in new[] { step.Where, step.Condition, step.Until }.OfType<Expr>())
                foreach (var part in ExprWalker.SelfAndParts(expr))
                    switch (part)
                    {
                        case StepValueExpr { Which: StepEvent.Last } e:
                            yield return (e.Step, 0);
                            break;
                        case StepValueExpr { Which: StepEvent.Previous } e:
                            yield return (e.Step, 0);
                            yield return (e.Step, 1);
                            break;
                        case StepValueExpr e:
                            yield return (e.Step, 2);
                            break;
                        case StepAggregateExpr e:
                            yield return (e.Step, 2);
                            break;
                    }
    }
}
