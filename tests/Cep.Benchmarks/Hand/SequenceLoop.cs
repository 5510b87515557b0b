using System.Runtime.InteropServices;
using Cep.Benchmarks.Data;
using Cep.Benchmarks.Measuring;

namespace Cep.Benchmarks.Hand;

/// <summary>Below 5, below 5, above 500 within ten minutes (exclusive): one match for each first event.</summary>
internal static class SequenceLoop
{
    private const long WithinMs = 600_000;

    public static void Run(Purchase[] events, Tally tally)
    {
        var runs = new Runs();
        foreach (var e in events)
            runs.OnEvent(e.Ts, e.Card, e.Amount, tally);
    }

    /// <summary>The state by card. It is the end-to-end reader's too.</summary>
    internal sealed class Runs
    {
        private readonly Dictionary<string, OfCard> _cards = [];

        public void OnEvent(long ts, string card, double amount, Tally tally)
        {
            if (amount < 5)
            {
                ref var open = ref CollectionsMarshal.GetValueRefOrAddDefault(_cards, card, out _);
                (open ??= new OfCard()).OnSmall(ts, amount);
            }
            else if (amount > 500 && _cards.TryGetValue(card, out var open))
            {
                for (var i = 0; i < open.Twos; i++)
                    if (ts - open.Two[i].Ts < WithinMs)
                        tally.Add(open.Two[i].Amount + amount);
                open.Twos = 0;
            }
        }
    }

    private sealed class OfCard
    {
        private bool _hasOne;
        private (long Ts, double Amount) _one;

        public (long Ts, double Amount)[] Two = new (long, double)[4];
        public int Twos;

        public void OnSmall(long ts, double amount)
        {
            if (_hasOne && ts - _one.Ts < WithinMs)
            {
                if (Twos == Two.Length)
                    Array.Resize(ref Two, Twos * 2);
                Two[Twos++] = _one;
            }

            _hasOne = true;
            _one = (ts, amount);
        }
    }
}
