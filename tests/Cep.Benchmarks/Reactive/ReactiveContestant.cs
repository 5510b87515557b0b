using System.Reactive.Concurrency;
using System.Reactive.Subjects;
using Cep.Benchmarks.Data;
using Cep.Benchmarks.Measuring;
using Cep.Benchmarks.Workloads;

namespace Cep.Benchmarks.Reactive;

internal sealed class ReactiveContestant(Workload workload, Purchase[] events) : Contestant("rx", events.Length)
{
    private const long TailMs = 120_000;

    public override PreparedRun Prepare(Tally tally)
    {
        var source = new Subject<Purchase>();
        var time = new HistoricalScheduler(At(PurchaseGenerator.StartMs));
        var input = workload.OutOfOrder ? Reorder.Sorted(source, time) : source;
        var subscription = workload.Reactive(input, time).Subscribe(tally.Add);
        var advance = workload is { Timed: true, OutOfOrder: false };
        return new PreparedRun(() => Run(source, advance ? time : null), subscription);
    }

    private void Run(Subject<Purchase> source, HistoricalScheduler? time)
    {
        foreach (var e in events)
        {
            time?.AdvanceTo(At(e.Ts));
            source.OnNext(e);
        }

        // Timers that are still running fire; a window that is still open is closed by the completion instead.
        if (workload.Name is "W5" or "W8")
            time?.AdvanceTo(At(events[^1].Ts + TailMs));
        source.OnCompleted();
    }

    private static DateTimeOffset At(long timeMs) => DateTimeOffset.FromUnixTimeMilliseconds(timeMs);
}
