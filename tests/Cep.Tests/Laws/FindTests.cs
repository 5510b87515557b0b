using Cep.Rules;
using Cep.Rules.Diagnostics;
using Cep.Rules.Testing;
using Xunit;

namespace Cep.Tests.Laws;

/// <summary>The small cases of finds.test.yaml.</summary>
public sealed class FindTests
{
    private static readonly Lazy<CompileResult> Compiled = new(() => RuleCompiler.Compile(
        [new SourceText(File, System.IO.File.ReadAllText(Path.Combine(Repository.Root, File)))]));

    private const string File = "tests/Cep.Tests/Laws/finds.test.yaml";

    public static TheoryData<string> Names => [.. Compiled.Value.Tests.Select(t => t.Name)];

    [Fact]
    public void Compile_AllCases_HasNoErrors() =>
        Assert.Empty(Compiled.Value.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error));

    [Theory]
    [MemberData(nameof(Names))]
    public void Case_Holds(string name)
    {
        var result = RuleTestRunner.Run(Compiled.Value.Tests.Single(t => t.Name == name));

        Assert.True(result.Passed, result.Failure);
    }
}
