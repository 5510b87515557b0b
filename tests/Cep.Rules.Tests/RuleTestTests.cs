using Cep.Alerts;
using Cep.Plans;
using Cep.Rules.Testing;

namespace Cep.Rules.Tests;

public sealed class RuleTestTests
{
    private const string Hot = "rules: [{rule: hot, on: events, by: k, let: {t: x}, when: x > 80}]";

    [Fact]
    public void Test_BesideRules_RunsThoseOfItsFile()
    {
        var result = Compiled.Files(
            ("streams.yaml", Compiled.Streams),
            ("other.yaml", "rules: [{rule: other, on: events, when: 'true'}]"),
            ("hot.yaml", $"{Hot}\ntests: [{{name: none, given: [], expect: []}}]"));

        var test = Assert.Single(result.Tests);
        Assert.Equal(["hot"], test.Plan.Rules.Select(r => r.Id));
        Assert.Equal(("none", "hot.yaml", 2, null), (test.Name, test.Path, test.Line, test.Problem));
        Assert.True(RuleTestRunner.Run(test).Passed);
    }

    [Fact]
    public void Test_OfItsOwnFile_LoadsRulesRelativeToIt()
    {
        var asked = new List<string>();
        var result = RuleCompiler.Compile(
            [new SourceText("rules/iot/hot.test.yaml",
                "load: [./hot.yaml, ../streams.yaml]\ntests: [{name: none, given: [], expect: []}]")],
            path =>
            {
                asked.Add(path);
                return path == "rules/iot/hot.yaml" ? Hot : Compiled.Streams;
            });

        Assert.Equal("", Compiled.Messages(result));
        Assert.Equal(["rules/iot/hot.yaml", "rules/streams.yaml"], asked);
        Assert.Equal(["hot"], Assert.Single(result.Tests).Plan.Rules.Select(r => r.Id));
    }

    [Fact]
    public void Test_WithStreamsAndRules_RunsThoseAlone()
    {
        var result = Compiled.Text($$"""
            {{Compiled.Streams}}
            {{Hot}}
            tests:
              - name: own
                streams: {events: {fields: {v: integer} } }
                rules: [{rule: own, on: events, when: v > 1}]
                given: [events: {v: 1}]
                expect: []
            """);

        Assert.Equal("", Compiled.Messages(result));
        var plan = Assert.Single(result.Tests).Plan;
        Assert.Equal(["own"], plan.Rules.Select(r => r.Id));
        Assert.Equal(["v"], Assert.Single(plan.Streams).Schema.Fields.Select(f => f.Name));
        Assert.Equal(["hot"], result.Plan.Rules.Select(r => r.Id));
    }

    [Fact]
    public void Test_OfBrokenRule_CannotRun()
    {
        var result = Compiled.Text(
            $"{Compiled.Streams}\nrules: [{{rule: hot, on: events, when: oops}}]\n"
            + "tests: [{name: t, given: [], expect: []}]");

        var outcome = RuleTestRunner.Run(Assert.Single(result.Tests));

        Assert.Equal("The test cannot run: The rule 'hot' has errors.", outcome.Failure);
    }

    [Fact]
    public void Given_Values_AreThoseOfTheSchema()
    {
        var test = Single("""
            given:
              - events: {ts: 90s, k: NO, n: 5, x: 1, y: null, b: true, d: 1h30m,
                  a: {p: [1, 'x', null]}, l: [a], s: null}
              - events: {ts: 2026-01-01, k: 5}
              - advance: 5s
              - events: {ts: 1000, n: 1.5}
              - events: {k: a}
            expect: []
            """);

        var given = test.Given.OfType<GivenEvent>().ToList();
        Assert.Equal(new object?[] { 90_000L, "NO", 5L, 1.0, null, true, 5_400_000L }, given[0].Values.Take(7));
        var member = Assert.IsType<Dictionary<string, object?>>(given[0].Values[7])["p"];
        Assert.Equal(new object?[] { 1L, "x", null }, member);
        Assert.Equal(
            [null, "k: 5 is not a string", "n: 1.5 is not an integer", "ts: the event has no time"],
                given.Select(g => g.Rejection));
        Assert.Equal(5000, Assert.IsType<GivenAdvance>(test.Given[2]).ByMs);
    }

    [Theory]
    [InlineData("{rule: hot}", true)]
    [InlineData("{rule: hot, at: 65s, status: firing, severity: medium}", true)]
    [InlineData("{at: 65000, message: hello}", true)]
    [InlineData("{at: '1970-01-01T00:01:05Z'}", true)]
    [InlineData("{at: 66s}", false)]
    [InlineData("{status: resolved}", false)]
    [InlineData("{key: c1}", true)]
    [InlineData("{key: [c1]}", true)]
    [InlineData("{key: {card: c1}}", true)]
    [InlineData("{key: {cards: c1}}", false)]
    [InlineData("{key: c2}", false)]
    [InlineData("{fields: {i: 1.0, n: 2, t: 90s, d: 1m30s, s: text}}", true)]
    [InlineData("{fields: {t: 1970-01-01T00:01:30Z, d: 90000, z: null}}", true)]
    [InlineData("{fields: {l: [1, 2.5]}}", true)]
    [InlineData("{fields: {l: [2.5, 1]}}", false)]
    [InlineData("{fields: {i: 2}}", false)]
    [InlineData("{fields: {i: null}}", false)]
    [InlineData("{fields: {s: 5}}", false)]
    [InlineData("{labels: {team: plant}}", true)]
    [InlineData("{labels: {team: office}}", false)]
    [InlineData("{window: {start: 60s, end: 2m}, revision: 1}", true)]
    [InlineData("{window: {start: 61s}}", false)]
    [InlineData("{revision: 0}", false)]
    [InlineData("{matched: {probe: [0, 1], hit: 2}}", true)]
    [InlineData("{matched: {probe: [0], hit: [2]}}", false)]
    [InlineData("{matched: {probe: [0, 1]}}", false)]
    public void Expectation_Alert_IsCompared(string expectation, bool fits)
    {
        var reader =
            Single($"given: [events: {{ts: 0s}}, events: {{ts: 1s}}, events: {{ts: 2s}}]\nexpect: [{expectation}]",
            "alert: {fields: {i: 1, n: 2, t: ts, d: d, s: s, l: l, z: s}}");
        var matched = new[] { Step("probe", 0, 1), Step("hit", 2) };

        Assert.Equal(fits,
            Comparison.Of(Assert.Single(reader.Expectations), Alert(), _ => matched).All(a => a.IsEqual));
    }

    [Fact]
    public void Assignment_GreedyChoiceInTheWay_IsUndone()
    {
        // the first fits both alerts, the second only the alert that the first would take
        var assigned = Assignment.Of(2, 2, (e, a) => e == 0 || a == 0);

        Assert.Equal([1, 0], assigned);
    }

    [Fact]
    public void Failure_Report_ShowsExpectedBesideActual()
    {
        var test = Single("""
            given: [events: {ts: 0s}, events: {ts: x}]
            expect:
              - {rule: hot, at: 65s, key: c1}
              - {rule: hot, at: 70s, key: c1, fields: {t: 5} }
              - {rule: hot, at: 80s}
            """);
        var odd = Alert(70_000, fields: [new("t", 6.5)]);
        var more = Alert(90_000, rule: "other");

        var report = new FailureReport(test, [Alert(), odd, more], _ => []).Create();

        Assert.Equal("""
            1 of 3 expected alerts are there, 2 others too.
                expected     actual
                rule: hot    rule: hot
                at: 1m10s    at: 1m10s
                key: c1      key: c1
              ! fields.t: 5  fields.t: 6.5
                expected   actual
                           (no such alert)
                rule: hot
                at: 1m20s
                expected        actual
                (not expected)
                                rule: other
                                at: 1m30s
                                status: firing
                                key: c1
                                window: {start: 1m, end: 2m}
                                revision: 1
                                message: hello
              given[1] is no event of 'events': ts: x is not a timestamp
            """.ReplaceLineEndings("\n"), report);
    }

    [Fact]
    public void Contains_OtherAlerts_AreNoFailure()
    {
        var test = Single("given: []\ncontains: [{rule: hot, at: 65s}]");

        Assert.Null(new FailureReport(test, [Alert(), Alert(70_000)], _ => []).Create());
    }

    private static RuleTest Single(string lines, string rule = "tags: []")
    {
        var result = Compiled.Text($"""
            {Compiled.Streams}
            rules:
              - rule: hot
                on: events
                by: k
                let: {"{t: x}"}
                when: x > 80
                {rule}
            tests:
              - name: t
                {lines.ReplaceLineEndings("\n").Replace("\n", "\n    ", StringComparison.Ordinal)}
            """);
        Assert.Equal("", Compiled.Messages(result));
        return Assert.Single(result.Tests);
    }

    private static StepEvents Step(string name, params int[] indexes) =>
        new(name, indexes);

    private static Alert Alert(long atMs = 65_000, string rule = "hot", IReadOnlyList<KeyValuePair<string,
        object?>>? fields = null) => new()
        {
            Id = "1",
            Rule = rule,
            AtMs = atMs,
            Status = AlertStatus.Firing,
            Severity = Severity.Medium,
            Key = [new("card", "c1")],
            Message = "hello",
            Labels = [new("team", "plant")],
            Fields = fields ?? (rule == "other" ? [] :
        [
            new("i", 1L), new("n", 2.0000000000001), new("t", DateTimeOffset.UnixEpoch.AddSeconds(90)),
                new("d", TimeSpan.FromSeconds(90)),
            new("s", "text"), new("l", new object?[] { 1L, 2.5 }), new("z", null),
        ]),
            Evidence = [],
            Window = (60_000, 120_000),
            Revision = 1,
        };
}
