using Cep.Benchmarks.Measuring;
using Cep.Events;
using Cep.Plans;

namespace Cep.Benchmarks.Ours;

/// <summary>The same with each detection made an alert: id, message, fields, evidence, in order.</summary>
internal sealed class AlertContestant(EnginePlan plan, IReadOnlyList<EventBatch> batches)
    : Contestant("alerts", batches.Sum(b => (long)b.Count))
{
    public override PreparedRun Prepare(Tally tally)
    {
        var engine = new Engine(plan);
        engine.Alerts.Subscribe(alerts =>
        {
            for (var i = 0; i < alerts.Count; i++)
                tally.Add(0);
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
