using Cep.Benchmarks.Data;
using Cep.Benchmarks.Measuring;
using Cep.Benchmarks.Workloads;

namespace Cep.Benchmarks.Hand;

internal sealed class HandContestant(Workload workload, Purchase[] events) : Contestant("hand", events.Length)
{
    public override PreparedRun Prepare(Tally tally) => new(() => workload.Hand(events, tally));
}
