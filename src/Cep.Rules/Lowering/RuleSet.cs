using Cep.Plans;
using Cep.Rules.Syntax;

namespace Cep.Rules.Lowering;

/// <summary>Streams and rules that go together, bound.</summary>
/// <param name="Streams">All streams, derived ones too.</param>
/// <param name="Rules">The rules in the order of their files; without a plan where they have errors.</param>
internal sealed record RuleSet(IReadOnlyList<StreamPlan> Streams,
    IReadOnlyList<(RuleSyntax Syntax, BoundRule? Bound)> Rules)
{
    public EnginePlan ToPlan() => new(Streams, [.. Rules.Where(r => r.Bound is not null).Select(r => r.Bound!.Plan)]);
}
