using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Cep.Benchmarks.Data;

namespace Cep.Benchmarks.Reactive;

internal static class Reorder
{
    /// <summary>Sorts by event time up to a bounded delay, and takes the clock along.</summary>
    public static IObservable<Purchase> Sorted(IObservable<Purchase> source, HistoricalScheduler time) =>
        Observable.Create<Purchase>(observer =>
        {
            var waiting = new PriorityQueue<Purchase, (long, long)>();
            long latest = long.MinValue, number = 0;
            return source.Subscribe(
                e =>
                {
                    waiting.Enqueue(e, (e.Ts, number++));
                    latest = Math.Max(latest, e.Ts);
                    Release(latest - PurchaseGenerator.MaxDelayMs);
                },
                observer.OnError,
                () =>
                {
                    Release(long.MaxValue);
                    observer.OnCompleted();
                });

            void Release(long through)
            {
                while (waiting.TryPeek(out var e, out _) && e.Ts <= through)
                {
                    waiting.Dequeue();
                    time.AdvanceTo(DateTimeOffset.FromUnixTimeMilliseconds(e.Ts));
                    observer.OnNext(e);
                }
            }
        });
}
