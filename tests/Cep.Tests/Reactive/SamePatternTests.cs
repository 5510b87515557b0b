using System.Reactive.Linq;
using System.Reactive.Subjects;
using Cep.Alerts;
using Cep.Events;
using Cep.Plans;
using Cep.Reactive;
using Cep.Rules;
using Xunit;

namespace Cep.Tests.Reactive;

/// <summary>A pattern in C# and the same in YAML are the same plan, by value, and find the same.</summary>
public sealed class SamePatternTests
{
    private const string Streams = """
        streams:
          purchase:
            time: ts
            out_of_order: 5s
            fields:
              ts: timestamp
              card: string
              amount: number
              items: integer
              country: string

        """;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly Pattern<Purchase> A = Pattern.Begin<Purchase>("a", x => x.Amount < 30);
    private static readonly Pattern<Purchase> B = Pattern.Begin<Purchase>("b", x => x.Amount > 60);
    private static readonly Pattern<Purchase> C = Pattern.Begin<Purchase>("c", x => x.Items == 3);

    private sealed record Purchase(DateTimeOffset Ts, string Card, decimal Amount, int? Items, string? Country);

    private sealed record Pair(string Yaml, Pattern<Purchase> Made);

    /// <summary>Each construct; steps that YAML names a, b, c are defined as those above.</summary>
    private static readonly Pair[] Pairs =
    [
        new("a", A),
        new("a > b", A.Next(B)),
        new("a -> b -> c", A.FollowedBy(B).FollowedBy(C)),
        new("a ->> b > c", A.FollowedByAny(B).Next(C)),
        new("a ->[30s] b ->[4s..1m] c", A.FollowedBy(B, within: 30 * Second)
            .FollowedBy(C, after: 4 * Second, within: Minute)),
        new("a ->>[10s..] b >[..5m] c", A.FollowedByAny(B, after: 10 * Second).Next(C, within: 5 * Minute)),
        new("a > !b -> c", A.NotNext(B).FollowedBy(C)),
        new("a -> !b -> c", A.NotFollowedBy(B).FollowedBy(C)),
        new("a -> !(b | c) -> a", A.NotFollowedBy(Pattern.Or(B, C)).FollowedBy("a")),
        new("a ->[30s] !b", A.NotFollowedBy(B, within: 30 * Second)),
        new("a > !b", A.NotNext(B)),
        new("!b ->[20s] a", Pattern.BeginNot(B).FollowedBy(A, within: 20 * Second)),
        new("!b > a", Pattern.BeginNot(B).Next(A)),
        new("a -> !b\n    within: 30s", A.NotFollowedBy(B).Within(30 * Second)),
        new("a{2} -> b", A.Times(2).FollowedBy(B)),
        new("a{2,4} -> b{2,}", A.Times(2, 4).FollowedBy(B).AtLeast(2)),
        new("a? -> b* -> c+", A.Optional().FollowedBy(B).ZeroOrMore().FollowedBy(C).OneOrMore()),
        new("a?? -> b*? -> c+?", A.Optional().Reluctant().FollowedBy(B).ZeroOrMore().Reluctant()
            .FollowedBy(C).OneOrMore().Reluctant()),
        new("a?+ -> b*+ -> c{0,2}+", A.Optional().Possessive().FollowedBy(B).ZeroOrMore().Possessive()
            .FollowedBy(C).Times(0, 2).Possessive()),
        new("(a -> b){2} > c", Pattern.Begin(A.FollowedBy(B)).Times(2).Next(C)),
        new("a > (b -> c)", A.Next(B.FollowedBy(C))),
        new("a -> (> b)+", A.FollowedBy(B).OneOrMore().Joined(LinkKind.Directly)),
        new("a > (->>[10s] b -> c){2}", A.Next(B.FollowedBy(C)).Times(2).Joined(LinkKind.Any, within: 10 * Second)),
        new("((a | b)+ -> c){2}", Pattern.Begin(Pattern.Or(A, B).OneOrMore().FollowedBy(C)).Times(2)),
        new("(a{2})+? -> b", Pattern.Begin(A.Times(2)).OneOrMore().Reluctant().FollowedBy(B)),
        new("a | b | (b -> c)", Pattern.Or(A, B, B.FollowedBy(C))),
        new("a -> (b | c)", A.FollowedBy(Pattern.Or(B, C))),
        new("a & b & c", Pattern.AnyOrder(A, B, C)),
        new("a -> (b & (c -> a))", A.FollowedBy(Pattern.AnyOrder(B, C.FollowedBy("a")))),
        new("(->> a & b) -> c", Pattern.AnyOrder(A, B).Joined(LinkKind.Any).FollowedBy(C)),
        new("a > (> b & c)+", A.Next(Pattern.AnyOrder(B, C)).Joined(LinkKind.Directly).OneOrMore()
            .Joined(LinkKind.Directly)),
        new("a -> b+ -> c\n    until: {b: items > 3}", A.FollowedBy(B).OneOrMore()
            .Until(x => x.Items > 3).FollowedBy(C)),
        new("a -> b+ -> c\n    until: {b: sum(b.amount) > 3 * a.amount}", A.FollowedBy(B).OneOrMore()
            .Until((x, m) => m.Sum("b", y => y.Amount) > 3 * m.Last("a").Amount).FollowedBy(C)),
        new("a -> b -> c\n    within: 1m\n    matches: all", A.FollowedBy(B).FollowedBy(C).Within(Minute)
            .Matches(PatternMatches.All)),
        new("a -> b -> c\n    within: 1m\n    matches: latest\n    report: longest", A.FollowedBy(B).FollowedBy(C)
            .Within(Minute).Matches(PatternMatches.Latest).Report(PatternReport.Longest)),
        new("a -> b+\n    within: 1m\n    report: longest", A.FollowedBy(B).OneOrMore().Within(Minute)
            .Report(PatternReport.Longest)),
        new("a -> b\n    within: 1m\n    on_timeout: {}", A.FollowedBy(B).Within(Minute).OnTimeout()),
        new("a -> b\n    after_match: skip_past_last", A.FollowedBy(B).AfterMatch(Skip.PastLast)),
        new("a -> b\n    after_match: skip_to_next", A.FollowedBy(B).AfterMatch(Skip.ToNext)),
        new("a -> b\n    after_match: no_skip", A.FollowedBy(B).AfterMatch(Skip.None)),
        new("a -> b\n    after_match: skip_to_first b", A.FollowedBy(B).AfterMatch(Skip.ToFirst("b"))),
        new("a -> b+ -> c\n    after_match: skip_to_last b", A.FollowedBy(B).OneOrMore().FollowedBy(C)
            .AfterMatch(Skip.ToLast("b"))),
    ];

    public static TheoryData<string> Constructs => [.. Pairs.Select(p => p.Yaml)];

    [Theory]
    [MemberData(nameof(Constructs))]
    public void DetectPattern_Construct_IsTheSamePlanAndFindsTheSame(string yaml) =>
        AssertSame($"pattern: {Quoted(yaml)}\n    define:{Definitions(yaml)}", Pairs.First(p => p.Yaml == yaml).Made);

    [Fact]
    public void DetectPattern_ProbeAndHit_IsTheSamePlanAndFindsTheSame() => AssertSame(
        """
        pattern: probe{2,} -> hit
            within: 10m
            define:
              probe: amount < 5
              hit: amount > 60 and country == first(probe.country)
        """,
        Pattern.Begin<Purchase>("probe", x => x.Amount < 5).AtLeast(2)
            .FollowedBy("hit", (x, m) => x.Amount > 60 && x.Country == m.First("probe").Country)
            .Within(10 * Minute).AfterMatch(Skip.PastLast));

    [Fact]
    public void DetectPattern_ReferencesToSteps_IsTheSamePlanAndFindsTheSame() => AssertSame(
        """
        pattern: up{2,5} -> down
            define:
              up: prev(up.amount) is null or amount > prev(up.amount) and items ?? 0 < 9
              down: amount < last(up.amount) and amount * 2 < max(up.amount) and count(up) > 2
                and count(up.amount > 20) >= 1 and ts - first(up.ts) < 2m and avg(up.items) < 20
                and (quantile(up.amount, 0.5) > 3 or distinct(up.country) == 1)
        """,
        Pattern.Begin<Purchase>("up", (x, m) => m.Prev("up", y => (decimal?)y.Amount) == null
                || (x.Amount > m.Prev("up").Amount && (x.Items ?? 0) < 9)).Times(2, 5)
            .FollowedBy("down", (x, m) => x.Amount < m.Last("up").Amount
                && x.Amount * 2 < m.Max("up", y => y.Amount) && m.Count("up") > 2
                && m.Count("up", y => y.Amount > 20) >= 1 && x.Ts - m.First("up").Ts < 2 * Minute
                && m.Avg("up", y => y.Items) < 20
                && (m.Quantile("up", y => y.Amount, 0.5) > 3 || m.Distinct("up", y => y.Country) == 1)));

    [Fact]
    public void DetectPattern_FilterAndKeyOfTwo_IsTheSamePlan()
    {
        var made = new Subject<Purchase>().DetectPattern(
            A.FollowedBy("c"), by: x => new { x.Card, x.Country }, time: x => x.Ts,
            options: new() { Name = "two", Where = x => x.Country != null });

        var compiled = Compile(
            "rule: two\n    on: purchase\n    by: [card, country]\n    where: country is not null\n"
            + "    pattern: a -> c\n    define: {a: amount < 30}");

        Assert.Equal(compiled.Rules[0], RuleOf(made));
    }

    /// <summary>A plain scalar of YAML may not begin with every sign that a pattern can begin with.</summary>
    private static string Quoted(string yaml)
    {
        var lines = yaml.Split('\n', 2);
        return string.Join('\n', lines.Skip(1).Prepend($"'{lines[0]}'"));
    }

    private static string Definitions(string yaml)
    {
        var pattern = yaml.Split('\n')[0];
        (string Name, string Condition)[] all = [("a", "amount < 30"), ("b", "amount > 60"), ("c", "items == 3")];
        return string.Concat(all.Where(d => pattern.Contains(d.Name)).Select(d => $"\n      {d.Name}: {d.Condition}"));
    }

    private static RulePlan RuleOf(IObservable<PatternMatch<Purchase>> made) =>
        ((RuleObservable<Purchase, PatternMatch<Purchase>>)made).Rule.Rule;

    private static void AssertSame(string yaml, Pattern<Purchase> pattern)
    {
        var made = Purchases().ToObservable()
            .DetectPattern(pattern, by: x => x.Card, time: x => x.Ts, outOfOrder: 5 * Second);
        var compiled = Compile("rule: pattern\n    on: purchase\n    by: card\n    " + yaml);

        Assert.Equal(compiled.Rules[0], RuleOf(made));
        var alerts = Alerts(compiled).Select(a => (a.AtMs, Text(a))).Order().ToList();
        var found = made.Select(m => (m.At.ToUnixTimeMilliseconds(), Text(m))).ToEnumerable().Order().ToList();
        Assert.NotEmpty(alerts);
        Assert.Equal(alerts, found);
    }

    private static string Text(Alert alert) =>
        string.Join(' ', alert.Evidence.Select(e => $"{e.Step}:{e.Batch.Times[e.Row]}"));

    private static string Text(PatternMatch<Purchase> match) =>
        string.Join(' ', match.Events.Select(e => $"{e.Step}:{e.Event.Ts.ToUnixTimeMilliseconds()}"));

    private static EnginePlan Compile(string rule)
    {
        var result = RuleCompiler.Compile([new SourceText("rules.yaml", $"{Streams}rules:\n  - {rule}\n")]);

        Assert.True(!result.HasErrors, string.Join('\n', result.Diagnostics.Select(d => d.Message)));
        return result.Plan;
    }

    private static List<Alert> Alerts(EnginePlan plan)
    {
        var builder = new EventBatchBuilder(plan.Streams[0].Schema);
        foreach (var p in Purchases())
        {
            object?[] values =
                [p.Ts.ToUnixTimeMilliseconds(), p.Card, (double)p.Amount, (long?)p.Items, p.Country];
            for (var i = 0; i < values.Length; i++)
                builder.Columns[i].SetValue(builder.Count, values[i]);
            builder.Commit();
        }

        return [.. Observable.Return(builder.Build()).Detect(plan).ToEnumerable()];
    }

    private static IEnumerable<Purchase> Purchases()
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var random = 1u;
        for (var i = 0; i < 400; i++)
        {
            var amount = Draw(100);
            var items = Draw(9);
            yield return new Purchase(
                start.AddSeconds((i * 2) - Draw(5)), $"c{Draw(3)}", amount, items == 8 ? null : items % 5,
                Draw(3) == 0 ? "FR" : "DE");
        }

        // drawn alike on every run and machine
        int Draw(uint below)
        {
            random = (random * 1_664_525u) + 1_013_904_223u;
            return (int)((random >> 16) % below);
        }
    }
}
