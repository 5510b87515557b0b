using System.Runtime.InteropServices;
using Cep.Benchmarks.Data;
using Cep.Benchmarks.Measuring;

namespace Cep.Benchmarks.Hand;

/// <summary>Opened, and not closed strictly before 30 seconds later.</summary>
internal static class AbsenceLoop
{
    private const long WithinMs = 30_000;

    public static void Run(Purchase[] events, Tally tally)
    {
        var slots = new Dictionary<string, int>();
        var lastClose = new List<int>();
        var due = new Queue<(long At, double Amount, int Slot, int Number)>();
        for (var i = 0; i < events.Length; i++)
        {
            var e = events[i];
            while (due.Count > 0 && due.Peek().At <= e.Ts)
                Fire(due.Dequeue(), lastClose, tally);
            if (e.Kind is not ("open" or "close"))
                continue;
            ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(slots, e.Card, out var known);
            if (!known)
            {
                slot = lastClose.Count;
                lastClose.Add(-1);
            }

            if (e.Kind == "open")
                due.Enqueue((e.Ts + WithinMs, e.Amount, slot, i));
            else
                lastClose[slot] = i;
        }

        while (due.Count > 0)
            Fire(due.Dequeue(), lastClose, tally);
    }

    private static void Fire((long At, double Amount, int Slot, int Number) due, List<int> lastClose, Tally tally)
    {
        if (lastClose[due.Slot] < due.Number)
            tally.Add(due.Amount);
    }
}
