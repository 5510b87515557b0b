using Cep.Plans;
using Cep.Rules.Testing;
using Xunit;

namespace Cep.Tests.Rules;

public sealed class ShippedRulesTests
{
    /// <summary>File and number of each test: "rules/fraud/velocity.test.yaml", 0 …</summary>
    public static TheoryData<string, string> Tests
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var test in ShippedRules.Result.Tests)
                data.Add(test.Path, test.Name);
            return data;
        }
    }

    [Fact]
    public void Compile_AllRules_HasNothingToSay() =>
        Assert.Empty(ShippedRules.Result.Diagnostics.Select(d => d.ToString()));

    [Fact]
    public void EachRule_HasTestsBesideIt_ThatFireAndThatDoNot()
    {
        var tests = ShippedRules.Result.Tests.GroupBy(t => t.Path).ToDictionary(g => g.Key, g => g.Count());

        var untested = ShippedRules.Result.Plan.Rules.Select(r => r.Id).Where(id => !tests.Any(
            t => t.Key.EndsWith($"/{id}.test.yaml", StringComparison.Ordinal) && t.Value >= 3));

        Assert.Empty(untested);
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public void EachTest_Passes(string path, string name)
    {
        var test = ShippedRules.Result.Tests.Single(t => t.Path == path && t.Name == name);

        var result = RuleTestRunner.Run(test);

        Assert.True(result.Passed, result.Failure);
    }

    [Fact]
    public void Rules_AreDocumented()
    {
        foreach (var rule in ShippedRules.Result.Plan.Rules)
        {
            Assert.NotEmpty(rule.Description);
            Assert.NotEmpty(rule.Tags);
            Assert.NotNull(rule.Alert.Message);
            Assert.NotEqual(RuleMode.Off, rule.Mode);
        }
    }
}
