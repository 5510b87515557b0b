using Cep.Rules;
using Cep.Rules.Testing;
using Xunit;

namespace Cep.Tests.Cases;

/// <summary>Rule tests of what rules mean, beside this file.</summary>
public sealed class OwnCasesTests
{
    private static readonly IReadOnlyList<RuleTest> Tests = RuleCompiler.Compile(
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Cep.Tests", "Cases"), "*.test.yaml")
            .Select(path => new SourceText(path, File.ReadAllText(path)))]).Tests;

    public static TheoryData<string> Names => [.. Tests.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Case_GivesItsAlerts(string name)
    {
        var result = RuleTestRunner.Run(Tests.Single(t => t.Name == name));

        Assert.True(result.Passed, result.Failure);
    }
}
