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
        var times = new Dictionary<string, Ring>();
        foreach (var e in events)
        {
            ref var ring = ref CollectionsMarshal.GetValueRefOrAddDefault(times, e.Card, out _);
            ring ??= new Ring();
            ring.DropThrough(e.Ts - WindowMs);
            ring.Add(e.Ts);
            if (ring.Count >= 5)
                tally.Add(ring.Count);
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
