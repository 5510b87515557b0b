using Cep.Benchmarks.Measuring;
using Cep.Benchmarks.Workloads;
using Cep.Events;
using Cep.Plans;

namespace Cep.Benchmarks.Ours;

/// <summary>The engine: a compiled rule file, and event batches in memory.</summary>
internal sealed class EngineContestant(
    string name, Workload workload, EnginePlan plan, IReadOnlyList<EventBatch> batches, int workers)
    : Contestant(name, batches.Sum(b => (long)b.Count))
{
    public override PreparedRun Prepare(Tally tally)
    {
        var engine = new Engine(plan, new EngineOptions(workers));
        engine.Alerts.Subscribe(alerts =>
        {
            foreach (var alert in alerts)
                tally.Add(workload.Value(alert));
        });
        return new PreparedRun(() => Run(engine), engine);
    }

    private void Run(Engine engine)
    {
        foreach (var batch in batches)
            engine.Push(batch);
        engine.Complete();
    }
}
