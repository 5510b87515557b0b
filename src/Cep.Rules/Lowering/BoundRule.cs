using Cep.Events;
using Cep.Plans;

namespace Cep.Rules.Lowering;

/// <summary>A rule without errors, and the fields of the stream that it emits (none where it emits none).</summary>
internal sealed record BoundRule(RulePlan Plan, IReadOnlyList<FieldSchema> Emitted);
