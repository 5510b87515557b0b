using Cep.Plans;

namespace Cep.Detection.Patterns;

/// <summary>What can be told of a pattern before it runs.</summary>
public static class PatternLimits
{
    /// <summary>Why a pattern is too large to run, or null.</summary>
    public static string? Problem(PatternPlan plan)
    {
        try
        {
            _ = new PatternAutomaton(plan);
            return null;
        }
        catch (ArgumentException problem)
        {
            return problem.Message;
        }
    }

    /// <summary>
    /// True where every partial match ends by itself: by <c>within</c>, by times of links, or at the next event.
    /// </summary>
    public static bool IsBounded(PatternPlan plan) => plan.WithinMs > 0 || new PatternAutomaton(plan).States.Skip(1)
        .SelectMany(s => s.Options).All(o => o.IsAccept || o.Link.Kind == LinkKind.Directly
            || o.Link.ToMs != long.MaxValue);
}
