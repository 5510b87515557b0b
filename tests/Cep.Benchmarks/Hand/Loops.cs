using System.Runtime.InteropServices;
using Cep.Benchmarks.Data;
using Cep.Benchmarks.Measuring;

namespace Cep.Benchmarks.Hand;

/// <summary>Filters and tumbling windows as written by hand for one purpose: what speed is possible.</summary>
internal static class Loops
{
    private const long MinuteMs = 60_000;

    public static void Filter(Purchase[] events, Tally tally)
    {
        foreach (var e in events)
            if (e.Amount > 900 && e.Country != "US")
                tally.Add(e.Amount);
    }

    public static void Tumbling(Purchase[] events, Tally tally)
    {
        var window = new Dictionary<string, (long Count, double Sum)>(16_384);
        var end = (events[0].Ts / MinuteMs + 1) * MinuteMs;
        foreach (var e in events)
        {
            for (; e.Ts >= end; end += MinuteMs)
                Close(window, tally);
            ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(window, e.Card, out _);
            group.Count++;
            group.Sum += e.Amount;
        }

        Close(window, tally);
    }

    /// <summary>Out of order by less than five seconds: at most two windows are open.</summary>
    public static void TumblingOutOfOrder(Purchase[] events, Tally tally)
    {
        var current = new Dictionary<string, (long Count, double Sum)>(16_384);
        var next = new Dictionary<string, (long Count, double Sum)>(16_384);
        var end = (events[0].Ts / MinuteMs + 1) * MinuteMs;
        var latest = long.MinValue;
        foreach (var e in events)
        {
            if (e.Ts > latest)
            {
                latest = e.Ts;
                for (; latest - PurchaseGenerator.MaxDelayMs >= end; end += MinuteMs)
                {
                    Close(current, tally);
                    (current, next) = (next, current);
                }
            }

            var window = e.Ts < end ? current : next;
            ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(window, e.Card, out _);
            group.Count++;
            group.Sum += e.Amount;
        }

        Close(current, tally);
        Close(next, tally);
    }

    public static void ManyFilters(
        IReadOnlyList<(string Country, double Threshold)> rules, Purchase[] events, Tally tally)
    {
        var index = rules.Select((r, id) => (r.Country, r.Threshold, Id: id)).GroupBy(r => r.Country)
            .ToDictionary(g => g.Key, g => g.OrderBy(r => r.Threshold).ToArray());
        foreach (var e in events)
        {
            if (!index.TryGetValue(e.Country, out var ofCountry))
                continue;
            foreach (var (_, threshold, id) in ofCountry)
            {
                if (threshold >= e.Amount)
                    break;
                tally.Add(id);
            }
        }
    }

    private static void Close(Dictionary<string, (long Count, double Sum)> window, Tally tally)
    {
        foreach (var (count, sum) in window.Values)
            tally.Add(sum + count + sum / count);
        window.Clear();
    }
}
