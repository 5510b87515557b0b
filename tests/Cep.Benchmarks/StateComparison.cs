using Cep.Benchmarks.Data;
using Cep.Benchmarks.Ours;
using Cep.Benchmarks.Workloads;
using Cep.Events;

namespace Cep.Benchmarks;

/// <summary>What a key costs: a million keys, one event each.</summary>
internal sealed class StateComparison(Options options, Report report)
{
    private static readonly (string Name, string Detector, bool KeepsEvent)[] Rules =
    [
        ("moving count", "when: count() over 1h >= 5", false),
        ("condition for 2m", "when: amount > 1\n    for: 2m", true),
        ("session", "window: session gap 1h\n    select: {n: count(), total: sum(amount)}", false),
        ("silence", "silent: 1h", true),
    ];

    public void Run()
    {
        var keys = options.Quick ? 100_000 : 1_000_000;
        report.Heading($"State, {keys:N0} keys with one event each");
        report.Head("rule", "B/key", "of it evidence", "beyond it", "must", "managed MB in all");
        foreach (var (name, detector, keepsEvent) in Rules)
            Measure(name, detector, keepsEvent, keys);
    }

    private void Measure(string name, string detector, bool keepsEvent, int keys)
    {
        var rule = $"  - rule: r\n    on: purchases\n    by: card\n    {detector}\n";
        var workload = WorkloadTable.All[0] with { Yaml = rule };
        if (RuleText.Compile(workload.RuleFile) is not { } plan)
        {
            report.Row(name, "–", "–", "–", "100", "–");
            return;
        }

        var events = Enumerable.Range(0, keys).Select(i => new Purchase(
            PurchaseGenerator.StartMs + i / 1000, $"k{i:D7}", 10, "m0001", "DE", "purchase")).ToArray();
        var batches = Batches.Build(plan.Streams[0].Schema, events, 4096);
        events = null;
        var evidence = keepsEvent ? Kept(batches) : 0;
        var before = GC.GetTotalMemory(true);
        using var engine = new Engine(plan);
        foreach (var batch in batches)
            engine.Push(batch);
        var after = GC.GetTotalMemory(true);
        var perKey = (after - before) / (double)keys;
        var perEvent = evidence / (double)keys;
        report.Row(
            name, Report.Number(perKey, "0"), Report.Number(perEvent, "0"), Report.Number(perKey - perEvent, "0"),
            "100", $"{after >> 20}");
        GC.KeepAlive(batches);
    }

    /// <summary>What the events cost by themselves, one for each key.</summary>
    private static long Kept(IReadOnlyList<EventBatch> batches)
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
}
