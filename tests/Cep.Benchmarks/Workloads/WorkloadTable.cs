using System.Globalization;
using System.Text;
using Cep.Benchmarks.Data;
using Cep.Benchmarks.Hand;
using Cep.Benchmarks.Ours;
using Cep.Benchmarks.Reactive;

namespace Cep.Benchmarks.Workloads;

/// <summary>All workloads. Bounds are exclusive in the loops, hence <c>within</c> one millisecond less.</summary>
internal static class WorkloadTable
{
    private const int Thresholds = 25;

    private const string Tumbling =
        """
          - rule: tumbling
            on: purchases
            by: card
            window: tumbling 60s
            select: {n: count(), total: sum(amount), mean: avg(amount)}
        """;

    public static readonly IReadOnlyList<Workload> All =
    [
        new("W1", "filter",
            """
              - rule: filter
                on: purchases
                when: amount > 900 and country != 'US'
            """,
            Loops.Filter, Pipelines.Filter, (_, d) => DetectedValue.AmountOf(d, 0))
            { Timed = false, Must = 0.28, Goal = 0.6 },
        new("W2", "tumbling 60 s by card", Tumbling, Loops.Tumbling, Pipelines.Tumbling,
            DetectedValue.SumOfFields) { Must = 0.40, Goal = 0.8 },
        new("W3", "velocity: 5 in 60 s by card",
            """
              - rule: velocity
                on: purchases
                by: card
                let: {n: count() over 60s}
                when: n >= 5
            """,
            VelocityLoop.Run, Pipelines.Velocity, DetectedValue.SumOfFields) { Timed = false, Must = 0.50, Goal = 1.0 },
        new("W4", "sequence by card within 10 min",
            """
              - rule: sequence
                on: purchases
                by: card
                pattern: a -> b -> c
                within: 599999ms
                define: {a: amount < 5, b: amount < 5, c: amount > 500}
                after_match: no_skip
            """,
            SequenceLoop.Run, Pipelines.Sequence, (_, d) => DetectedValue.AmountOf(d, 0) + DetectedValue.AmountOf(d, 2))
            { Must = 0.20, Goal = 0.6 },
        new("W5", "absence: not closed within 30 s",
            """
              - rule: absence
                on: purchases
                by: card
                pattern: a -> !b
                within: 29999ms
                define: {a: kind == 'open', b: kind == 'close'}
                after_match: no_skip
            """,
            AbsenceLoop.Run, Pipelines.Absence, (_, d) => DetectedValue.AmountOf(d, 0)) { Must = 0.35, Goal = 0.7 },
        ManyFilters("W6", 1),
        ManyFilters("W6x10", 10),
        new("W7", "Kleene: rising amounts within 1 h",
            """
              - rule: kleene
                on: purchases
                by: card
                pattern: a -> b+ -> c
                within: 3599999ms
                define:
                  a: amount < 5
                  b: amount >= 5 and amount < 500 and (prev(b.amount) is null or amount > prev(b.amount))
                  c: amount > 500
                after_match: no_skip
            """,
            KleeneLoop.Run, Pipelines.Kleene,
            (_, d) => d.Evidence.Count - 2 + DetectedValue.AmountOf(d, d.Evidence.Count - 2))
            { Must = 0.35, Goal = 0.8 },
        new("W8", "sessions, gap 30 s, by card",
            """
              - rule: sessions
                on: purchases
                by: card
                window: session gap 30s
                select: {n: count(), total: sum(amount)}
            """,
            SessionLoop.Run, Pipelines.Sessions, DetectedValue.SumOfFields) { Must = 0.30, Goal = 1.0 },
        new("W9", "W2 out of order by 5 s", Tumbling, Loops.TumblingOutOfOrder, Pipelines.Tumbling,
            DetectedValue.SumOfFields) { OutOfOrder = true, Must = 0.30, Goal = 0.8 },
    ];

    public static Workload Find(string name) =>
        All.FirstOrDefault(w => w.Name == name) ?? throw new ArgumentException($"There is no workload '{name}'.");

    /// <summary>Rules of a country and a threshold. Of 400 countries, the 40 of the events come first.</summary>
    public static List<(string Country, double Threshold)> FilterRules(int times)
    {
        var countries = PurchaseGenerator.Countries.Length * times;
        return [.. Enumerable.Range(0, countries * Thresholds).Select(id =>
            (Country(id % countries), 900.0 + 24 * (id / countries)))];
    }

    private static Workload ManyFilters(string name, int times)
    {
        var rules = FilterRules(times);
        var yaml = new StringBuilder();
        for (var id = 0; id < rules.Count; id++)
        {
            var (country, threshold) = rules[id];
            var when = string.Create(CultureInfo.InvariantCulture, $"country == '{country}' and amount > {threshold}");
            yaml.Append(CultureInfo.InvariantCulture, $"  - {{rule: f{id}, on: purchases, when: {when}}}\n");
        }

        return new Workload(
            name, $"{rules.Count:N0} filter rules", yaml.ToString(),
            (events, tally) => Loops.ManyFilters(rules, events, tally), Pipelines.ManyFilters(rules),
            (rule, _) => rule.Index)
        { Timed = false, Must = 0.30, Goal = 0.8 };
    }

    private static string Country(int index) => index < PurchaseGenerator.Countries.Length
        ? PurchaseGenerator.Countries[index]
        : "Z" + index.ToString("D3", CultureInfo.InvariantCulture);
}
