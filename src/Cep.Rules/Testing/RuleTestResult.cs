namespace Cep.Rules.Testing;

/// <param name="Test">The test that ran.</param>
/// <param name="Passed">Whether the alerts were those expected.</param>
/// <param name="Failure">What was different, expected and actual side by side; null where it passed.</param>
public sealed record RuleTestResult(RuleTest Test, bool Passed, string? Failure);
