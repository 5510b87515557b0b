using Cep.Plans;
using Cep.Rules.Diagnostics;
using Cep.Rules.Lowering;
using Cep.Rules.Syntax;
using Cep.Rules.Testing;

namespace Cep.Rules;

/// <summary>What became of rule files.</summary>
/// <param name="Plan">All streams, and the rules that have no errors.</param>
/// <param name="Diagnostics">All problems, by file and place.</param>
/// <param name="Tests">The tests of the files, ready to run.</param>
public sealed record CompileResult(EnginePlan Plan, IReadOnlyList<Diagnostic> Diagnostics,
    IReadOnlyList<RuleTest> Tests)
{
    /// <summary>True where some rule or test cannot run; warnings do not count.</summary>
    public bool HasErrors => Diagnostics.Any(d => d.Severity == DiagnosticSeverity.Error);
}

/// <summary>
/// Compiles rule files: text in, plans and diagnostics out. Every problem of every file is told in one run, and a rule
/// with errors keeps no other from its plan. Thread-safe; throws for no input.
/// </summary>
public static class RuleCompiler
{
    /// <param name="sources">All files that belong together.</param>
    /// <param name="load">
    /// Gives the text of a file that a test loads and that is not among <paramref name="sources"/>, by its path
    /// relative to where theirs are relative to; null where it cannot be read.
    /// </param>
    public static CompileResult Compile(IReadOnlyList<SourceText> sources, Func<string, string?>? load = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        var diagnostics = new DiagnosticBag();
        List<FileSyntax> files = [.. sources.Select(s => FileReader.Read(s, diagnostics))];
        var set = RuleSetBinder.Bind(files, [], shadows: false, diagnostics);
        var tests = new TestBinder(files, set, load, diagnostics).Bind();
        return new CompileResult(set.ToPlan(), diagnostics.Sorted(sources), tests);
    }
}
