using Cep.Host.Deployments;
using Cep.Plans;

namespace Cep.Host.Running;

/// <summary>What of new rules a deployment that runs can't take up.</summary>
internal static class RuleChangeCheck
{
    /// <summary>Why it can't, or null.</summary>
    public static string? Problem(EnginePlan was, EnginePlan now, Deployment deployment)
    {
        foreach (var name in deployment.Sources.Select(s => s.Stream).Distinct(StringComparer.Ordinal))
        {
            var before = was.Streams.FirstOrDefault(s => s.Schema.Name == name);
            var after = now.Streams.FirstOrDefault(s => s.Schema.Name == name && !s.Derived);
            if (after is null)
                return $"a source feeds the stream '{name}', which is not declared any more";
            if (before is null || !PlanComparison.SameSchema(before, after))
                return $"the fields of the stream '{name}', which a source feeds, have changed: that takes a restart";
        }

        return null;
    }
}
