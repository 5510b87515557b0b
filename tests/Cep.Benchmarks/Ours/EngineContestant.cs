using Cep.Benchmarks.Measuring;
using Cep.Benchmarks.Workloads;
using Cep.Events;
using Cep.Plans;

namespace Cep.Benchmarks.Ours;

/// <summary>The engine with a compiled rule file, and event batches in memory; detections are counted.</summary>
internal sealed class EngineContestant(
    string name, Workload workload, EnginePlan plan, IReadOnlyList<EventBatch> batches, int workers)
    : Contestant(name, batches.Sum(b => (long)b.Count))
{
    public override PreparedRun Prepare(Tally tally)
    {
        var sinks = Enumerable.Range(0, workers).Select(_ => new TallySink(workload.Value)).ToArray();
        var engine = new Engine(plan, new EngineOptions(workers), worker => sinks[worker]);
        PreparedRun? run = null;
        return run = new PreparedRun(() => run!.SteadyPerEvent = Run(engine, sinks, tally), engine);
    }

    private double Run(Engine engine, TallySink[] sinks, Tally tally)
    {
        var late = batches.Count * 3 / 4;
        for (var i = 0; i < late; i++)
            engine.Push(batches[i]);
        var allocated = GC.GetTotalAllocatedBytes();
        for (var i = late; i < batches.Count; i++)
            engine.Push(batches[i]);
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        engine.Complete();
        foreach (var sink in sinks)
            tally.Add(sink.Tally);
        return allocated * 4.0 / Events;
    }
}
