using System.Runtime.InteropServices;
using Cep.Benchmarks.Data;
using Cep.Benchmarks.Measuring;

namespace Cep.Benchmarks.Hand;

/// <summary>
/// Below 5, then rising amounts from 5 to below 500, then above 500, in less than an hour: one match for each first.
/// </summary>
internal static class KleeneLoop
{
    private const long WithinMs = 3_600_000;

    public static void Run(Purchase[] events, Tally tally)
    {
        var cards = new Dictionary<string, List<Climb>>();
        foreach (var e in events)
        {
            if (e.Amount < 5)
            {
                ref var started = ref CollectionsMarshal.GetValueRefOrAddDefault(cards, e.Card, out _);
                (started ??= []).Add(new Climb(e.Ts, 0, 0));
            }
            else if (e.Amount != 500 && cards.TryGetValue(e.Card, out var open) && open.Count > 0)
            {
                if (e.Amount < 500)
                    Climbs(CollectionsMarshal.AsSpan(open), e.Amount);
                else
                    Finish(open, e, tally);
            }
        }
    }

    private static void Climbs(Span<Climb> open, double amount)
    {
        foreach (ref var climb in open)
            if (climb.Steps == 0 || amount > climb.Last)
                climb = new Climb(climb.StartMs, climb.Steps + 1, amount);
    }

    private static void Finish(List<Climb> open, Purchase e, Tally tally)
    {
        var kept = 0;
        for (var i = 0; i < open.Count; i++)
        {
            if (e.Ts - open[i].StartMs >= WithinMs)
                continue;
            if (open[i].Steps > 0)
                tally.Add(open[i].Steps + open[i].Last);
            else
                open[kept++] = open[i];
        }

        open.RemoveRange(kept, open.Count - kept);
    }

    private readonly record struct Climb(long StartMs, int Steps, double Last);
}
