using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Text.RegularExpressions;
using Cep.Alerts;
using Cep.Events;
using Cep.Plans;
using Cep.Reactive;
using Cep.Rules;
using Xunit;

namespace Cep.Tests.Reactive;

/// <summary>A rule in C# and the same rule in YAML are the same plan, by value, and find the same.</summary>
public sealed class SamePlanTests
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
              took: duration
              trusted: bool

        """;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly Subject<Purchase> Source = new();

    private sealed record Purchase(
        DateTimeOffset Ts, string Card, decimal Amount, int? Items, string? Country, TimeSpan Took, bool Trusted);

    [Fact]
    public void When_PlainCondition_IsTheSamePlan() => AssertSame(
        "rule: when\n    by: card\n    when: amount > 900 and not trusted or country in ['DE', 'FR']",
        Source.When(
            x => (x.Amount > 900 && !x.Trusted) || new[] { "DE", "FR" }.Contains(x.Country),
            by: x => x.Card, time: x => x.Ts));

    [Fact]
    public void When_StateAndFilter_IsTheSamePlan() => AssertSame(
        """
        rule: hot
            by: [card, country]
            where: country is not null
            when: amount > 2 * items
            for: 2m
            resolve: amount < 1.5
        """,
        Source.When(
            x => (double)x.Amount > 2 * x.Items, by: x => new { x.Card, x.Country }, time: x => x.Ts,
            options: new()
            {
                Name = "hot",
                Where = x => x.Country != null,
                For = 2 * Minute,
                Resolve = (x, _) => x.Amount < 1.5m,
            }));

    [Fact]
    public void When_MovingAggregates_IsTheSamePlan() => AssertSame(
        """
        rule: when
            by: card
            when: count() over 1m >= 5 and amount > 3 * avg(amount) over prior 10m and sum(items) over last 20 > 7
              and count(amount < 5) over prior 3 == 3 and changed(country) and prev(amount, 2) < stddev(amount) over 1m
            trigger: rising
            every: 10s
        """,
        Source.When(
            (x, m) => m.Count(Minute) >= 5 && (double)x.Amount > 3 * m.Avg(y => y.Amount, Over.Prior(10 * Minute))
                && m.Sum(y => y.Items, Over.Last(20)) > 7 && m.Count(y => y.Amount < 5, Over.PriorLast(3)) == 3
                && m.Changed(y => y.Country) && (double)m.Prev(y => y.Amount, 2) < m.StdDev(y => y.Amount, Minute),
            by: x => x.Card, time: x => x.Ts, options: new() { Rising = true, Every = 10 * Second }));

    [Fact]
    public void When_Functions_IsTheSamePlan() => AssertSame(
        """
        rule: when
            when: lower(card) == 'x' and starts_with(country, 'D') and length(card) > 3 and abs(amount) >= floor(amount)
              and round(amount, 2) == amount and if(trusted, items, 0) > 1 and (items ?? 3) < 4 and took / 1s > 1.5
              and took > 30s and greatest(amount, 7) < 8 and country is null and card matches '^4[0-9]+'
        """,
        Source.When(
            x => x.Card.ToLower() == "x" && x.Country!.StartsWith("D", StringComparison.Ordinal) && x.Card.Length > 3
                && Math.Abs(x.Amount) >= Math.Floor(x.Amount)
                && Math.Round(x.Amount, 2, MidpointRounding.AwayFromZero) == x.Amount
                && (x.Trusted ? x.Items : 0) > 1 && (x.Items ?? 3) < 4 && x.Took.TotalSeconds > 1.5
                && x.Took > 30 * Second && Math.Max(x.Amount, 7) < 8 && x.Country == null
                && Regex.IsMatch(x.Card, "^4[0-9]+"),
            time: x => x.Ts));

    [Fact]
    public void Silent_IsTheSamePlan() => AssertSame(
        "rule: silent\n    by: card\n    silent: 5m", Source.Silent(5 * Minute, by: x => x.Card, time: x => x.Ts));

    [Fact]
    public void TumblingWindow_IsTheSamePlan() => AssertSame(
        """
        rule: window
            by: card
            window: tumbling 5m
            offset: 1m
            select:
              count: count()
              total: sum(amount)
              mean_items: avg(items)
              small: count(amount < 5)
              top: quantile(amount, 0.9)
              per: sum(amount) / count()
            when: total > 1000 and mean_items > 2
            report: every 30s
            allowed_lateness: 1m
        """,
        Source.TumblingWindow(
            5 * Minute,
            w => new
            {
                Count = w.Count(),
                Total = w.Sum(x => x.Amount),
                MeanItems = w.Avg(x => x.Items),
                Small = w.Count(x => x.Amount < 5),
                Top = w.Quantile(x => x.Amount, 0.9),
                Per = w.Sum(x => x.Amount) / w.Count(),
            },
            by: x => x.Card,
            time: x => x.Ts,
            options: new()
            {
                Offset = Minute,
                When = r => r.Total > 1000 && r.MeanItems > 2,
                Report = WindowReport.Every,
                Every = 30 * Second,
                AllowedLateness = Minute,
            }));

    [Theory]
    [InlineData("hopping 5m every 1m")]
    [InlineData("session gap 30s max 1h")]
    [InlineData("count 100")]
    [InlineData("month in Europe/Berlin")]
    public void Window_OfEachKind_IsTheSamePlan(string window)
    {
        var made = window.Split(' ')[0] switch
        {
            "hopping" => Source.HoppingWindow(5 * Minute, Minute, w => w.Count(), time: x => x.Ts),
            "session" => Source.SessionWindow(30 * Second, 60 * Minute, w => w.Count(), time: x => x.Ts),
            "count" => Source.CountWindow(100, w => w.Count(), time: x => x.Ts),
            _ => Source.CalendarWindow(CalendarUnit.Month, "Europe/Berlin", w => w.Count(), time: x => x.Ts),
        };

        AssertSame($"rule: window\n    window: {window}\n    select: {{value: count()}}", made);
    }

    [Fact]
    public void When_OnTheSameEvents_FindsWhatTheYamlRuleFinds()
    {
        var plan = Compile(
            """
            rule: when
                by: card
                when: amount > 2 * avg(amount) over prior 1m
                for: 20s
                resolve: amount < 50
            """);
        var source = new Subject<Purchase>();
        var found = new List<(DateTimeOffset, AlertStatus, string)>();
        source.When(
            (x, m) => (double)x.Amount > 2 * m.Avg(y => y.Amount, Over.Prior(Minute)), by: x => x.Card, time: x => x.Ts,
            outOfOrder: 5 * Second, options: new() { For = 20 * Second, Resolve = (x, _) => x.Amount < 50 })
            .Subscribe(d => found.Add((d.At, d.Status, d.Event.Card)));

        var alerts = Alerts(plan, Purchases()).Select(a => (
            DateTimeOffset.FromUnixTimeMilliseconds(a.AtMs), a.Status, (string)a.Key[0].Value!)).ToList();
        foreach (var purchase in Purchases())
            source.OnNext(purchase);
        source.OnCompleted();

        Assert.NotEmpty(alerts);
        Assert.Equal(alerts.Order(), found.Order());
    }

    [Fact]
    public void SessionWindow_OnTheSameEvents_FindsWhatTheYamlRuleFinds()
    {
        var plan = Compile(
            """
            rule: window
                by: card
                window: session gap 10s
                select: {n: count(), total: sum(amount), top: max(items)}
            """);
        var found = new List<(string, DateTimeOffset, long, decimal, int?)>();
        Purchases().ToObservable().SessionWindow(
            10 * Second,
            TimeSpan.Zero,
            w => new { N = w.Count(), Total = w.Sum(x => x.Amount), Top = w.Max(x => x.Items) },
            by: x => x.Card, time: x => x.Ts, outOfOrder: 5 * Second)
            .Subscribe(w => found.Add((w.Key, w.At, w.Value.N, w.Value.Total, w.Value.Top)));

        var alerts = Alerts(plan, Purchases()).Select(a => (
            (string)a.Key[0].Value!, DateTimeOffset.FromUnixTimeMilliseconds(a.AtMs), (long)a.Fields[0].Value!,
            (decimal)(double)a.Fields[1].Value!, (int?)(long?)a.Fields[2].Value)).ToList();

        Assert.True(alerts.Count > 20);
        Assert.Equal(alerts.Order(), found.Order());
    }

    private static void AssertSame<TResult>(string yaml, IObservable<TResult> made)
    {
        var compiled = Assert.Single(Compile(yaml).Rules);

        Assert.Equal(compiled, ((RuleObservable<Purchase, TResult>)made).Rule.Rule);
    }

    private static EnginePlan Compile(string rule)
    {
        var text = Streams + "rules:\n  - " + Regex.Replace(rule, "^(rule:.*)", "$1\n    on: purchase") + "\n";
        var result = RuleCompiler.Compile([new SourceText("rules.yaml", text)]);

        Assert.True(!result.HasErrors, string.Join('\n', result.Diagnostics.Select(d => d.Message)));
        return result.Plan;
    }

    private static IEnumerable<Alert> Alerts(EnginePlan plan, IEnumerable<Purchase> purchases)
    {
        var builder = new EventBatchBuilder(plan.Streams[0].Schema);
        foreach (var p in purchases)
        {
            object?[] values =
            [
                p.Ts.ToUnixTimeMilliseconds(), p.Card, (double)p.Amount, (long?)p.Items, p.Country,
                (long)p.Took.TotalMilliseconds, p.Trusted,
            ];
            for (var i = 0; i < values.Length; i++)
                builder.Columns[i].SetValue(builder.Count, values[i]);
            builder.Commit();
        }

        return Observable.Return(builder.Build()).Detect(plan).ToEnumerable().ToList();
    }

    private static IEnumerable<Purchase> Purchases()
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < 500; i++)
        {
            var jitter = i * 7919 % 5;
            yield return new Purchase(
                start.AddSeconds(i * 2 - jitter), $"c{i * 31 % 7}", 1 + i * 104729 % 400, i % 3 == 0 ? null : i % 11,
                "DE", Second, false);
        }
    }
}
