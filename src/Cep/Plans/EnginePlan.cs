namespace Cep.Plans;

/// <summary>Everything an engine runs: streams and rules. Rules refer to streams by name.</summary>
public sealed record EnginePlan(IReadOnlyList<StreamPlan> Streams, IReadOnlyList<RulePlan> Rules);
