using Cep.Benchmarks.Measuring;
using Cep.Benchmarks.Workloads;
using Cep.Detection;
using Cep.Events;
using Cep.Plans;

namespace Cep.Benchmarks.Ours;

/// <summary>The engine: a compiled rule file, and event batches in memory; detections are counted and their values read.</summary>
internal sealed class EngineContestant(
    string name, Workload workload, EnginePlan plan, IReadOnlyList<EventBatch> batches, int workers)
    : Contestant(name, batches.Sum(b => (long)b.Count))
{
    public override PreparedRun Prepare(Tally tally)
    {
        var counters = Enumerable.Range(0, workers).Select(_ => new CountingSink(workload.Value)).ToArray();
        var engine = new Engine(plan, new EngineOptions(workers), i => counters[i]);
        return new PreparedRun(() => Run(engine, counters, tally), engine);
    }

    private void Run(Engine engine, CountingSink[] counters, Tally tally)
    {
        foreach (var batch in batches)
            engine.Push(batch);
        engine.Complete();
        foreach (var counter in counters)
            tally.Add(counter.Tally);
    }

    private sealed class CountingSink(Func<HostedRule, Detected, double> value) : DetectionSink
    {
        public Tally Tally { get; } = new();

        public override void Accept(HostedRule rule, Detected detected) => Tally.Add(value(rule, detected));
    }
}
