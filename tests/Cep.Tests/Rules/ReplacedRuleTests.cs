using Cep.Alerts;
using Cep.Events;
using Xunit;

namespace Cep.Tests.Rules;

/// <summary>What a rule remembers across a change, and what it forgets.</summary>
public sealed class ReplacedRuleTests
{
    private const string Pattern = "pattern: a -> b\n    within: 10m\n    define: {a: x > 1, b: x > 50}";
    private const string Window = "window: tumbling 5m\n    select: {s: sum(x)}\n    when: s > 3";
    private const string Count = "when: count() over 1h >= 2";
    private const string For = "when: x > 80\n    for: 5m";

    [Theory]
    [InlineData(Pattern, "x > 50", "x > 60", 70, 10, 1)]
    [InlineData(Pattern, "10m", "11m", 70, 10, 0)]
    [InlineData(Window, "s > 3", "s > 93", 4, 10, 1)]
    [InlineData(Window, "5m", "6m", 1, 10, 0)]
    [InlineData(Count, ">= 2", ">= 3", 4, 10, 1)]
    [InlineData(Count, "1h", "2h", 4, 10, 1)]
    [InlineData(For, "5m", "1m", 90, 70, 1)]
    [InlineData(For, "5m", "9m", 90, 70, 0)]
    [InlineData("silent: 5m", "5m", "1m", 4, 200, 1)]
    public void AChange_OfARule_KeepsOrForgets(
        string rule, string from, string to, double x, int second, int alerts)
    {
        var found = new List<Alert>();
        using var before = new Engine(PlanComparisonTests.Plan(rule));
        Push(before, 0, "k", 90);
        using var after = before.Replace(
            PlanComparisonTests.Plan(rule.Replace(from, to, StringComparison.Ordinal)));
        after.Alerts.Subscribe(found.AddRange);
        Push(after, second, "k", x);
        Push(after, second + 60, "k", 0);
        after.Advance("events", rule == Window ? 400_000 : 0);
        Assert.Equal(alerts, found.Count(a => a.Status == Plans.AlertStatus.Firing));
    }

    [Fact]
    public void ARuleThatWasShadow_GoesOnLive()
    {
        var found = new List<Alert>();
        using var shadow = new Engine(PlanComparisonTests.Plan(Count + "\n    mode: shadow"));
        shadow.Alerts.Subscribe(found.AddRange);
        Push(shadow, 0, "k", 1);
        Push(shadow, 1, "k", 1);
        using var live = shadow.Replace(PlanComparisonTests.Plan(Count));
        live.Alerts.Subscribe(found.AddRange);
        Push(live, 2, "k", 1);
        Assert.Equal([true, false], found.Select(a => a.Shadow));
    }

    [Fact]
    public void ARuleThatStartsFresh_IsWarmedByAnEngineOfItsPart()
    {
        var was = PlanComparisonTests.Plan(Count);
        var now = PlanComparisonTests.Plan("when: sum(x) over 1h >= 8");
        using var before = new Engine(was);
        using var warm = new Engine(Engine.FreshPart(was, now)!);
        Push(before, 0, "k", 5);
        Push(warm, 0, "k", 5);
        using var after = before.Replace(now, warm);
        var found = new List<Alert>();
        after.Alerts.Subscribe(found.AddRange);
        Push(after, 1, "k", 4);
        Assert.Single(found);
        Assert.Null(Engine.FreshPart(was, was));
    }

    private static void Push(Engine engine, int second, string key, double x)
    {
        var builder = new EventBatchBuilder(engine.Plan.Streams[0].Schema);
        builder.Columns[0].SetValue(0, second * 1000L);
        builder.Columns[1].SetValue(0, key);
        builder.Columns[2].SetValue(0, x);
        builder.Commit();
        engine.Push(builder.Build());
    }
}
