using Cep.Benchmarks.Data;
using Cep.Benchmarks.Ours;
using Cep.Benchmarks.Workloads;

namespace Cep.Benchmarks;

/// <summary>What a key costs: a million keys, one event each.</summary>
internal sealed class StateComparison(Options options, Report report)
{
    private static readonly (string Name, string Detector)[] Rules =
    [
        ("moving count", "when: count() over 1h >= 5"),
        ("condition for 2m", "when: amount > 1\n    for: 2m"),
        ("session", "window: session gap 1h\n    select: {n: count(), total: sum(amount)}"),
        ("silence", "silent: 1h"),
    ];

    public void Run()
    {
        var keys = options.Quick ? 100_000 : 1_000_000;
        report.Heading($"State, {keys:N0} keys with one event each");
        report.Head("rule", "B/key", "must", "managed MB in all");
        foreach (var (name, detector) in Rules)
            Measure(name, detector, keys);
    }

    private void Measure(string name, string detector, int keys)
    {
        var rule = $"  - rule: r\n    on: purchases\n    by: card\n    {detector}\n";
        var workload = WorkloadTable.All[0] with { Yaml = rule };
        if (RuleText.Compile(workload.RuleFile) is not { } plan)
        {
            report.Row(name, "–", "100", "–");
            return;
        }

        var events = Enumerable.Range(0, keys).Select(i => new Purchase(
            PurchaseGenerator.StartMs + i / 1000, $"k{i:D7}", 10, "m0001", "DE", "purchase")).ToArray();
        var batches = Batches.Build(plan.Streams[0].Schema, events, 4096);
        events = null;
        var before = GC.GetTotalMemory(true);
        using var engine = new Engine(plan);
        foreach (var batch in batches)
            engine.Push(batch);
        var after = GC.GetTotalMemory(true);
        report.Row(name, Report.Number((after - before) / (double)keys, "0"), "100", $"{after >> 20}");
        GC.KeepAlive(batches);
    }
}
