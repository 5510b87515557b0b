namespace Cep.Simulators;

/// <summary>What really happened: one incident that a good rule should find.</summary>
/// <param name="Scenario">The kind of incident, such as <c>card_testing</c>.</param>
/// <param name="KeyField">The field that names who or what it happened to.</param>
/// <param name="Key">That field's value.</param>
/// <param name="FromMs">When it began, in milliseconds since 1970-01-01T00:00Z.</param>
/// <param name="ToMs">When it ended (its last moment).</param>
/// <param name="Events">The <c>id</c> of each event that belongs to it, by event time.</param>
public sealed record Truth(
    string Scenario, string KeyField, string Key, long FromMs, long ToMs, IReadOnlyList<string> Events);
