using System.CommandLine;
using Cep.Host.Keeping;
using Cep.Host.Rules;
using Cep.Plans;
using Cep.Rules;
using Cep.Rules.Diagnostics;

namespace Cep.Cli.Commands;

/// <summary>The <c>--rules</c> option, and rule files compiled with their problems told.</summary>
internal static class RuleSet
{
    public static Option<string[]> Option() => new("--rules")
    {
        Description = "Rule files, folders of them, or patterns",
        HelpName = "PATH…",
        AllowMultipleArgumentsPerToken = true,
        Required = true,
    };

    /// <exception cref="CommandFailure">A rule is wrong.</exception>
    public static CompileResult Compile(string[] paths) => Compile(RuleFiles.Read(paths, withTests: false));

    /// <summary>The rules with the texts that they were compiled from.</summary>
    /// <exception cref="CommandFailure">A rule is wrong.</exception>
    public static RuleTexts CompileTexts(string[] paths)
    {
        var sources = RuleFiles.Read(paths, withTests: false);
        return new RuleTexts(Compile(sources).Plan, sources);
    }

    private static CompileResult Compile(IReadOnlyList<SourceText> sources)
    {
        var result = RuleCompiler.Compile(sources, RuleFiles.Load);
        Print(result.Diagnostics, sources);
        return result.HasErrors ? throw new CommandFailure("") : result;
    }

    /// <exception cref="CommandFailure">There is no such rule.</exception>
    public static RulePlan Find(EnginePlan plan, string id) =>
        plan.Rules.FirstOrDefault(r => r.Id == id)
            ?? throw new CommandFailure(
                $"there is no rule '{id}'; there are {string.Join(", ", plan.Rules.Select(r => r.Id))}");

    public static void Print(IEnumerable<Diagnostic> diagnostics, IReadOnlyList<SourceText> sources)
    {
        var texts = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var source in sources)
            texts[source.Path] = source.Text;
        foreach (var diagnostic in diagnostics)
        {
            if (!texts.TryGetValue(diagnostic.Path, out var text))
                text = texts[diagnostic.Path] = RuleFiles.Load(diagnostic.Path);
            Console.Error.Write(DiagnosticPrinter.Print(diagnostic, text));
        }
    }
}
