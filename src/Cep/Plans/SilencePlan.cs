namespace Cep.Plans;

/// <summary><c>silent</c>: no event of the key for this long after its last one; the next event resolves it.</summary>
public sealed record SilencePlan(long SilentMs) : DetectorPlan;
