using Cep.Expressions;

namespace Cep.Plans;

/// <summary>What becomes of a rule when other rules take the place of those that run.</summary>
/// <param name="Rule">Its id.</param>
/// <param name="Fate">What becomes of its state.</param>
/// <param name="Was">The rule as it ran; null: it did not.</param>
/// <param name="Now">The rule as it will run; null: it will not.</param>
/// <param name="Parts">The parts that differ, or those for which it starts fresh.</param>
public sealed record RuleChange(
    string Rule, RuleFate Fate, RulePlan? Was, RulePlan? Now, ValueList<string> Parts);
