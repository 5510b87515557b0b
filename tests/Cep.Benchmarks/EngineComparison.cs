using Cep.Benchmarks.Data;
using Cep.Benchmarks.Hand;
using Cep.Benchmarks.Measuring;
using Cep.Benchmarks.Ours;
using Cep.Benchmarks.Processes;
using Cep.Benchmarks.Reactive;
using Cep.Benchmarks.Workloads;

namespace Cep.Benchmarks;

/// <summary>Ours beside the hand-written loop and the plain pipeline, in turns: all see the same machine.</summary>
internal sealed class EngineComparison(Options options, Report report)
{
    private const int Usual = 4096;
    private static readonly int[] SmallBatches = [1, 16, 256];

    private readonly Purchase[] _inOrder = PurchaseGenerator.InOrder(options.Events);
    private readonly Dictionary<string, double> _ours = [];
    private Purchase[]? _outOfOrder;

    public void Run()
    {
        report.Heading($"Engines, {options.Events:N0} events; M events/s by the wall clock, medians");
        report.Head(
            "workload", "hand", "rx", "ours", "÷ hand", "÷ hand (thread CPU)", "must", "goal", "B/event", "steady",
            "batch 1", "16", "256", "2 workers", "alerts", "peak MB (events)", "matches", "same");
        foreach (var workload in WorkloadTable.All.Where(w => options.Wants(w.Name, "engine")))
            Measure(workload);
        if (_ours.TryGetValue("W6", out var few) && _ours.TryGetValue("W6x10", out var many))
            report.Line($"\nW6 with ten times the rules: {Report.Number(few / many)} of its speed (must 0.5).");
    }

    public static Contestant Contestant(string engine, Workload workload, int count)
    {
        var events = PurchaseGenerator.InOrder(count);
        if (workload.OutOfOrder)
            events = PurchaseGenerator.OutOfOrder(events);
        return engine switch
        {
            "hand" => new HandContestant(workload, events),
            "rx" => new ReactiveContestant(workload, events),
            "ours" => Ours("ours", workload, events, Usual, 1)
                ?? throw new ArgumentException("Its rule does not compile."),
            _ => throw new ArgumentException($"There is no engine '{engine}'."),
        };
    }

    private static EngineContestant? Ours(string name, Workload workload, Purchase[] events, int batch, int workers)
    {
        var plan = RuleText.Compile(workload.RuleFile);
        if (plan is null)
            return null;
        var batches = Batches.Build(plan.Streams[0].Schema, events, batch);
        return new EngineContestant(name, workload, plan, batches, workers);
    }

    private static AlertContestant Alerts(Workload workload, Purchase[] events)
    {
        var plan = RuleText.Compile(workload.RuleFile)!;
        return new AlertContestant(plan, Batches.Build(plan.Streams[0].Schema, events, Usual));
    }

    private void Measure(Workload workload)
    {
        var events = workload.OutOfOrder ? _outOfOrder ??= PurchaseGenerator.OutOfOrder(_inOrder) : _inOrder;
        var contestants = new List<Contestant> { new HandContestant(workload, events) };
        if (options.WithReactive && workload.Name != "W6x10")
            contestants.Add(new ReactiveContestant(workload, events));
        if (Ours("ours", workload, events, Usual, 1) is { } ours)
        {
            contestants.Add(ours);
            contestants.AddRange(SmallBatches.Select(size => Ours($"batch {size}", workload, events, size, 1)!));
            contestants.Add(Ours("2 workers", workload, events, Usual, 2)!);
            contestants.Add(Alerts(workload, events));
        }

        Show(workload, InTurns(contestants));
    }

    private Dictionary<string, List<Measurement>> InTurns(List<Contestant> contestants)
    {
        var slowest = contestants.Max(c => Meter.WarmUp(c, options.Quick || !IsMain(c) ? 0.3 : 1.5));
        var rounds = options.Quick ? 3 : slowest < 0.3 ? 15 : 6;
        var results = contestants.ToDictionary(c => c.Name, _ => new List<Measurement>());
        for (var round = 0; round < rounds; round++)
            foreach (var contestant in contestants.Where(c => round % 3 == 0 || IsMain(c)))
                results[contestant.Name].Add(Meter.Run(contestant));
        return results;
    }

    /// <summary>What the ratio is made of; the others show how much batches, workers and alerts matter.</summary>
    private static bool IsMain(Contestant contestant) => contestant.Name is "hand" or "ours";

    private void Show(Workload workload, Dictionary<string, List<Measurement>> results)
    {
        var hand = results["hand"];
        var row = new List<string> { $"{workload.Name} {workload.Title}", Speed("hand"), Speed("rx"), Speed("ours") };
        if (results.TryGetValue("ours", out var ours))
        {
            _ours[workload.Name] = Wall(ours);
            row.Add(Report.Number(Wall(hand) / Wall(ours)));
            row.Add(Report.Number(Cpu(hand) / Cpu(ours)));
            row.AddRange([Report.Number(workload.Must), Report.Number(workload.Goal)]);
            row.Add(Report.Number(Meter.Median(ours.Select(m => m.AllocatedPerEvent)), "0.0"));
            row.Add(Report.Number(Meter.Median(ours.Select(m => m.SteadyPerEvent)), "0.0"));
            row.AddRange([Speed("batch 1"), Speed("batch 16"), Speed("batch 256")]);
            row.AddRange([Speed("2 workers"), Speed("alerts")]);
            var (peak, events) = Child.Memory("ours", workload.Name, options.Events);
            row.Add($"{peak} ({events})");
        }
        else
        {
            row.AddRange(["–", "–", Report.Number(workload.Must), Report.Number(workload.Goal)]);
            row.AddRange(Enumerable.Repeat("–", 8));
        }

        row.Add($"{hand[0].Matches:N0}");
        row.Add(Disagreement(results));
        report.Row([.. row]);

        string Speed(string name) =>
            results.TryGetValue(name, out var runs) ? Report.Millions(runs[0].Events / Wall(runs)) : "–";
    }

    /// <summary>Sums of the same numbers in another order differ in the last digits, no more.</summary>
    private static string Disagreement(Dictionary<string, List<Measurement>> results)
    {
        var hand = results["hand"][0];
        var others = results.Where(r => r.Value.Exists(m => m.Matches != hand.Matches
            || (r.Key != "alerts" && Math.Abs(m.Check - hand.Check) > Math.Abs(hand.Check) * 1e-9)))
            .Select(r => $"{r.Key} has {r.Value[0].Matches:N0}").ToList();
        return others.Count == 0 ? "yes" : string.Join(", ", others);
    }

    private static double Wall(List<Measurement> runs) => Meter.Median(runs.Select(m => m.Wall));

    private static double Cpu(List<Measurement> runs) => Meter.Median(runs.Select(m => m.ThreadCpu));
}
