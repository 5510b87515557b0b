using System.Diagnostics;
using Cep.Benchmarks.Data;
using Cep.Benchmarks.Ours;
using Cep.Benchmarks.Workloads;
using Cep.Events;

namespace Cep.Benchmarks;

/// <summary>
/// The worst that can happen to patterns: what an event costs with few and with very many matches open. Where the cost
/// does not depend on their number the two figures are alike.
/// </summary>
internal sealed class PatternComparison(Options options, Report report)
{
    private const long Start = PurchaseGenerator.StartMs;

    private static readonly (string Name, string Rule, Func<int, IEnumerable<Purchase>> Events)[] Cases =
    [
        ("hot key, open a -> b -> c, events that move none", "pattern: a -> b -> c\n    within: 7d\n    "
            + "define: {a: amount < 5, b: amount == 6, c: amount > 500}\n    after_match: no_skip",
            n => OneKey(n, 1).Concat(OneKey(1, 6)).Concat(OneKey(20_000, 1))),
        ("hot key, open a -> b, b is compared with a", "pattern: a -> b\n    within: 7d\n    "
            + "define: {a: amount < 5, b: amount > 500 and country == a.country}\n    after_match: no_skip",
            n => OneKey(n, 1).Concat(OneKey(2_000, 1))),
        ("hot key, a -> b -> c, all complete at once", "pattern: a -> b -> c\n    within: 7d\n    "
            + "define: {a: amount < 5, b: amount == 6, c: amount > 500}\n    after_match: no_skip",
            n => OneKey(Math.Min(n, 9_000), 1).Concat(OneKey(1, 6)).Concat(OneKey(1, 600))),
        ("a ->> b+ ->> c, all: events of b", "pattern: a ->> b+ ->> c\n    within: 7d\n    matches: all\n    "
            + "define: {a: amount < 5, b: amount == 6, c: amount > 500}\n    after_match: no_skip",
            n => OneKey(1, 1).Concat(OneKey(n / 10, 6))),
        ("a ->> b+ ->> c, all: 10,000 of the matches listed", "pattern: a ->> b+ ->> c\n    within: 7d\n    "
            + "matches: all\n    define: {a: amount < 5, b: amount == 6, c: amount > 500}\n    after_match: no_skip",
            n => OneKey(1, 1).Concat(OneKey(n / 1000, 6)).Concat(OneKey(1, 600))),
        ("hot key, a -> !b: all expire", "pattern: a -> !b\n    within: 1s\n    "
            + "define: {a: amount < 5, b: amount > 500}\n    after_match: no_skip",
            n => OneKey(n, 1)),
        ("each key once, a -> !b: all expire", "pattern: a -> !b\n    within: 7d\n    "
            + "define: {a: amount < 5, b: amount > 500}\n    after_match: no_skip",
            ManyKeys),
        ("each key once, a -> b stays open", "pattern: a -> b\n    within: 7d\n    "
            + "define: {a: amount < 5, b: amount > 500}\n    after_match: no_skip",
            ManyKeys),
    ];

    public void Run()
    {
        var large = options.Quick ? 10_000 : 100_000;
        report.Heading("Patterns at their worst: ns an event, detections, bytes an open match");
        report.Head("case", "small", "large", "ns small", "ns large", "detections", "B/match beyond evidence");
        foreach (var (name, rule, events) in Cases)
        {
            var size = name.StartsWith("each key", StringComparison.Ordinal) ? large * 10 : large;
            Measure(name, rule, size / 10, events);
            Show(name, size / 10, size, Measure(name, rule, size / 10, events), Measure(name, rule, size, events));
        }
    }

    private void Show(
        string name, int small, int large, (double Ns, long Found, double Bytes) few,
        (double Ns, long Found, double Bytes) many) =>
        report.Row(
            name, $"{small}", $"{large}", Report.Number(few.Ns, "0"), Report.Number(many.Ns, "0"), $"{many.Found}",
            many.Bytes > 0 ? Report.Number(many.Bytes, "0") : "–");

    private static (double Ns, long Found, double Bytes) Measure(
        string name, string rule, int size, Func<int, IEnumerable<Purchase>> make)
    {
        var workload = WorkloadTable.All[0] with
        {
            Yaml = $"  - rule: r\n    on: purchases\n    by: card\n    {rule}\n",
        };
        var plan = RuleText.Compile(workload.RuleFile)
            ?? throw new InvalidOperationException($"The rule of '{name}' does not compile.");
        var events = make(size).ToArray();
        for (var i = 0; i < events.Length; i++)
            events[i] = events[i] with { Ts = Start + i };
        var batches = Batches.Build(plan.Streams[0].Schema, events, 4096);
        var count = events.Length;
        events = null;
        var sink = new TallySink((_, _) => 1);
        using var engine = new Engine(plan, new EngineOptions(), _ => sink);
        var before = GC.GetTotalMemory(true);
        var watch = Stopwatch.StartNew();
        foreach (var batch in batches)
            engine.Push(batch);
        var elapsed = watch.Elapsed;
        var bytes = (GC.GetTotalMemory(true) - before) / (double)size;
        watch.Restart();
        engine.Complete();
        elapsed += watch.Elapsed;
        var keeps = name.EndsWith("stays open", StringComparison.Ordinal);
        if (keeps)
            bytes -= EvidenceBytes(batches) / (double)size;
        GC.KeepAlive(batches);
        return (elapsed.TotalNanoseconds / count, sink.Tally.Count, keeps ? bytes : 0);
    }

    private static long EvidenceBytes(List<EventBatch> batches)
    {
        var before = GC.GetTotalMemory(true);
        var store = new RowStore(batches[0].Schema, []);
        foreach (var batch in batches)
            for (var row = 0; row < batch.Count; row++)
                store.Add(batch, row, []);
        var after = GC.GetTotalMemory(true);
        GC.KeepAlive(store);
        return after - before;
    }

    private static IEnumerable<Purchase> OneKey(int count, double amount) =>
        Enumerable.Repeat(new Purchase(0, "c0000001", amount, "m0001", "DE", "purchase"), count);

    private static IEnumerable<Purchase> ManyKeys(int count) =>
        Enumerable.Range(0, count).Select(i => new Purchase(0, $"k{i:D7}", 1, "m0001", "DE", "purchase"));
}
