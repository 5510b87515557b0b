using Cep.Benchmarks.Measuring;
using Cep.Benchmarks.Workloads;
using Cep.Detection;
using Cep.Events;
using Cep.Plans;

namespace Cep.Benchmarks.Ours;

<<<<<<< HEAD
/// <summary>The engine: a compiled rule file, and event batches in memory; detections are counted and their values read.</summary>
=======
/// <summary>The engine with a compiled rule file, and event batches in memory; detections are counted.</summary>
>>>>>>> wt-c
internal sealed class EngineContestant(
    string name, Workload workload, EnginePlan plan, IReadOnlyList<EventBatch> batches, int workers)
    : Contestant(name, batches.Sum(b => (long)b.Count))
{
    public override PreparedRun Prepare(Tally tally)
    {
<<<<<<< HEAD
        var counters = Enumerable.Range(0, workers).Select(_ => new CountingSink(workload.Value)).ToArray();
        var engine = new Engine(plan, new EngineOptions(workers), i => counters[i]);
        return new PreparedRun(() => Run(engine, counters, tally), engine);
    }

    private void Run(Engine engine, CountingSink[] counters, Tally tally)
=======
        var sinks = Enumerable.Range(0, workers).Select(_ => new TallySink(workload.Value)).ToArray();
        var engine = new Engine(plan, new EngineOptions(workers), worker => sinks[worker]);
        PreparedRun? run = null;
        return run = new PreparedRun(() => run!.SteadyPerEvent = Run(engine, sinks, tally), engine);
    }

    private double Run(Engine engine, TallySink[] sinks, Tally tally)
>>>>>>> wt-c
    {
        var late = batches.Count * 3 / 4;
        for (var i = 0; i < late; i++)
            engine.Push(batches[i]);
        var allocated = GC.GetTotalAllocatedBytes();
        for (var i = late; i < batches.Count; i++)
            engine.Push(batches[i]);
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        engine.Complete();
<<<<<<< HEAD
        foreach (var counter in counters)
            tally.Add(counter.Tally);
    }

    private sealed class CountingSink(Func<HostedRule, Detected, double> value) : DetectionSink
    {
        public Tally Tally { get; } = new();

        public override void Accept(HostedRule rule, Detected detected) => Tally.Add(value(rule, detected));
=======
        foreach (var sink in sinks)
            tally.Add(sink.Tally);
        return allocated * 4.0 / Events;
>>>>>>> wt-c
    }
}
