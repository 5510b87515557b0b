using Cep.Rules.Testing;
using Xunit;

namespace Cep.Tests.Conformance;

public sealed class PatternConformanceTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (file, name) in ConformanceCases.Of("pattern"))
                data.Add(file, name);
            if (data.Count == 0)
                data.Add("", "");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case_OfAnotherEngine_GivesItsAnswer(string file, string name)
    {
        Assert.SkipWhen(file.Length == 0,
            $"{ConformanceCases.Variable} names no folder: the conformance cases are skipped");
        var test = ConformanceCases.Find(file, name);
        Assert.SkipWhen(
            test.Problem?.Contains("not supported by this version", StringComparison.Ordinal) == true,
                test.Problem ?? "");

        var result = RuleTestRunner.Run(test);

        Assert.True(result.Passed, result.Failure);
    }
}
