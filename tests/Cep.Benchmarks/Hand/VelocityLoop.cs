using System.Runtime.InteropServices;
using Cep.Benchmarks.Data;
using Cep.Benchmarks.Measuring;

namespace Cep.Benchmarks.Hand;

/// <summary>Five or more of a card in (now − 60 s, now].</summary>
internal static class VelocityLoop
{
    private const long WindowMs = 60_000;

    public static void Run(Purchase[] events, Tally tally)
    {
        var times = new Times();
        foreach (var e in events)
            if (times.OnEvent(e.Ts, e.Card) is >= 5 and var count)
                tally.Add(count);
    }

    /// <summary>The latest payments of each card.</summary>
    internal sealed class Times
    {
        private readonly Dictionary<string, Ring> _rings = [];

        /// <summary>How many payments of the card there are in the window, this one included.</summary>
        public int OnEvent(long ts, string card)
        {
            ref var ring = ref CollectionsMarshal.GetValueRefOrAddDefault(_rings, card, out _);
            ring ??= new Ring();
            ring.DropThrough(ts - WindowMs);
            ring.Add(ts);
            return ring.Count;
        }
    }

    private sealed class Ring
    {
        private long[] _items = new long[4];
        private int _first;

        public int Count { get; private set; }

        public void Add(long item)
        {
            if (Count == _items.Length)
            {
                var larger = new long[Count * 2];
                for (var i = 0; i < Count; i++)
                    larger[i] = _items[(_first + i) & (_items.Length - 1)];
                _items = larger;
                _first = 0;
            }

            _items[(_first + Count++) & (_items.Length - 1)] = item;
        }

        public void DropThrough(long last)
        {
            for (; Count > 0 && _items[_first] <= last; Count--)
                _first = (_first + 1) & (_items.Length - 1);
        }
    }
}
