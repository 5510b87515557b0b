using Cep.Plans;
using Cep.Rules;
using Cep.Rules.Diagnostics;

namespace Cep.Benchmarks.Ours;

internal static class RuleText
{
    /// <summary>The plan of a rule file, or null where it does not compile (told on stderr).</summary>
    public static EnginePlan? Compile(string yaml)
    {
        var result = RuleCompiler.Compile([new SourceText("benchmark.yaml", yaml)]);
        if (!result.HasErrors)
            return result.Plan;
        var first = result.Diagnostics.First(d => d.Severity == DiagnosticSeverity.Error);
        Console.Error.WriteLine(first.ToString());
        return null;
    }
}
