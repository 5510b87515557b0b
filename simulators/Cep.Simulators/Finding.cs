namespace Cep.Simulators;

/// <summary>What a rule said: an alert, as far as it is compared with the truth.</summary>
/// <param name="AtMs">Its event time, in milliseconds since 1970-01-01T00:00Z.</param>
/// <param name="Key">The values of its key.</param>
public sealed record Finding(long AtMs, IReadOnlyList<object?> Key);
