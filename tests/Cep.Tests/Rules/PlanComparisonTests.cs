using Cep.Plans;
using Cep.Rules;
using Xunit;

namespace Cep.Tests.Rules;

/// <summary>Which changes of a rule keep its state.</summary>
public sealed class PlanComparisonTests
{
    private const string Condition = "when: x > 80";

    [Theory]
    [InlineData(Condition, Condition, RuleFate.Unchanged, "")]
    [InlineData(Condition, "when: x > 85", RuleFate.KeepsState, "when")]
    [InlineData(Condition, "when: x > 80.5", RuleFate.KeepsState, "when")]
    [InlineData(Condition, "when: x >= 80", RuleFate.StartsFresh, "when")]
    [InlineData("when: k in ['a']", "when: k in ['a', 'b']", RuleFate.KeepsState, "when")]
    [InlineData("when: x > 8\n    for: 5m", "when: x > 8\n    for: 9m", RuleFate.KeepsState, "for")]
    [InlineData("when: x > 8\n    for: 5m", Condition, RuleFate.StartsFresh, "for")]
    [InlineData("when: sum(x) over 5m > 3", "when: sum(x) over 5m > 4", RuleFate.KeepsState, "when")]
    [InlineData("when: sum(x) over 5m > 3", "when: sum(x) over 6m > 3", RuleFate.StartsFresh, "remembered values")]
    [InlineData(
        "when: count(x > 1) over 5m > 3", "when: count(x > 2) over 5m > 3", RuleFate.StartsFresh, "remembered values")]
    [InlineData("silent: 5m", "silent: 6m", RuleFate.KeepsState, "silent")]
    [InlineData("silent: 5m", Condition, RuleFate.StartsFresh, "kind")]
    [InlineData("where: x > 1\n    silent: 5m", "where: x > 2\n    silent: 5m", RuleFate.KeepsState, "where")]
    [InlineData(Condition, Condition + "\n    mode: shadow", RuleFate.KeepsState, "mode")]
    [InlineData(Condition, Condition + "\n    alert: {message: \"{x}\", dedupe: 5m}", RuleFate.KeepsState, "dedupe")]
    public void AChange_HasItsFate(string was, string now, RuleFate fate, string part)
    {
        var change = Assert.Single(PlanComparison.Compare(Plan(was), Plan(now)));
        Assert.Equal(fate, change.Fate);
        Assert.True(part.Length == 0 ? change.Parts.Count == 0 : change.Parts.Contains(part), $"{change}");
    }

    [Theory]
    [InlineData("tumbling 5m", "tumbling 5m", "s > 5", RuleFate.KeepsState)]
    [InlineData("tumbling 5m", "tumbling 6m", "s > 3", RuleFate.StartsFresh)]
    [InlineData("tumbling 5m", "session gap 5m", "s > 3", RuleFate.StartsFresh)]
    public void AWindow_HasItsFate(string was, string now, string when, RuleFate fate)
    {
        var change = Assert.Single(PlanComparison.Compare(Plan(Window(was, "s > 3")), Plan(Window(now, when))));
        Assert.Equal(fate, change.Fate);
    }

    [Fact]
    public void RulesThatComeAndGo_AreTold()
    {
        var (was, now) = (Plan(Condition), Plan(Condition, "other"));
        Assert.Equal(
            [("other", RuleFate.New), ("r", RuleFate.Removed)],
            PlanComparison.Compare(was, now).Select(c => (c.Rule, c.Fate)));
    }

    [Fact]
    public void AnotherKeyOrStream_StartsFresh()
    {
        var was = Plan("silent: 5m");
        Assert.Contains("by", PlanComparison.Compare(was, Plan("silent: 5m", key: "x"))[0].Parts);
        Assert.Contains("stream events", PlanComparison.Compare(was, Plan("silent: 5m", late: "9s"))[0].Parts);
    }

    internal static EnginePlan Plan(string detector, string id = "r", string key = "k", string late = "0s")
    {
        var text = $$"""
            streams:
              events:
                time: ts
                out_of_order: {{late}}
                fields: {ts: timestamp, k: string, x: number}
            rules:
              - rule: {{id}}
                on: events
                by: {{key}}
                {{detector}}
            """;
        var compiled = RuleCompiler.Compile([new SourceText("r.yaml", text)]);
        Assert.False(compiled.HasErrors, string.Join('\n', compiled.Diagnostics) + "\n" + text);
        return compiled.Plan;
    }

    private static string Window(string kind, string when) =>
        $"window: {kind}\n    select: {{s: sum(x)}}\n    when: {when}";
}
