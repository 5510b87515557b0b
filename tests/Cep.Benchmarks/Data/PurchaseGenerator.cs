using System.Globalization;

namespace Cep.Benchmarks.Data;

/// <summary>
/// The purchases that every engine is measured with: 100,000 cards (Zipf 0.8), about one event in a millisecond of
/// event time, no two events of one card at the same time.
/// </summary>
internal static class PurchaseGenerator
{
    public const long StartMs = 28_333_333L * 60_000;
    public const int Cards = 100_000;
    public const int MaxDelayMs = 5_000;
    private const ulong Seed = 0x9E3779B97F4A7C15UL;
    private const int Merchants = 5_000;
    private const double Skew = 0.8;

    public static readonly string[] Countries =
    [
        "US", "GB", "DE", "FR", "IT", "ES", "NL", "BE", "PL", "SE", "NO", "DK", "FI", "IE", "PT", "AT", "CH", "CZ",
        "HU", "RO", "BG", "GR", "TR", "UA", "RU", "CN", "JP", "KR",
        "IN", "ID", "SG", "AU", "NZ", "ZA", "NG", "EG", "BR", "MX", "AR", "CA",
    ];

    public static Purchase[] InOrder(int count)
    {
        var random = new XorShift64Star(Seed);
        var cards = Names('c', Cards, 6);
        var merchants = Names('m', Merchants, 4);
        var byCard = Cumulative(Enumerable.Range(1, Cards).Select(rank => Math.Pow(rank, -Skew)));
        var byCountry = CountryDistribution();
        var last = new long[Cards];
        var events = new Purchase[count];
        var ts = StartMs;
        for (var i = 0; i < count; i++)
        {
            ts += random.Below(3);
            var rank = Find(byCard, random.Unit());
            var card = (int)((long)rank * 7919 % Cards);    // so that neighbours in rank are not neighbours in name
            if (last[card] == ts)
                ts++;
            last[card] = ts;
            var amount = Amount(random.Unit(), random.Unit());
            var kind = random.Unit();
            var merchant = merchants[random.Below(Merchants)];
            var country = Countries[Find(byCountry, random.Unit())];
            events[i] = new Purchase(
                ts, cards[card], amount, merchant, country, kind < 0.1 ? "open" : kind < 0.2 ? "close" : "purchase");
        }

        return events;
    }

    /// <summary>The same events, each arriving less than five seconds late.</summary>
    public static Purchase[] OutOfOrder(Purchase[] inOrder)
    {
        var random = new XorShift64Star(Seed + 1);
        var arrivals = new long[inOrder.Length];
        for (var i = 0; i < inOrder.Length; i++)
            arrivals[i] = (inOrder[i].Ts + random.Below(MaxDelayMs) - StartMs) * 4_194_304L + i;
        var result = (Purchase[])inOrder.Clone();
        Array.Sort(arrivals, result);
        return result;
    }

    private static double Amount(double band, double within)
    {
        var amount = band < 0.15 ? within * 5 : band < 0.95 ? 5 + within * 495 : 500 + within * 1000;
        return Math.Round(amount * 100) / 100;
    }

    private static double[] CountryDistribution()
    {
        var rest = Cumulative(Enumerable.Range(0, Countries.Length).Select(i => i == 0 ? 0 : 1.0 / (i + 2)));
        return [.. rest.Select(share => 0.4 + 0.6 * share)];
    }

    private static double[] Cumulative(IEnumerable<double> weights)
    {
        double sum = 0;
        var sums = weights.Select(w => sum += w).ToArray();
        return [.. sums.Select(s => s / sum)];
    }

    private static int Find(double[] cumulative, double u)
    {
        int low = 0, high = cumulative.Length - 1;
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (cumulative[middle] > u)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private static string[] Names(char prefix, int count, int digits) =>
        [.. Enumerable.Range(0, count).Select(i => prefix + i.ToString("D" + digits, CultureInfo.InvariantCulture))];
}
