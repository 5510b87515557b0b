using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Cep.Benchmarks.Data;

namespace Cep.Benchmarks.Reactive;

/// <summary>
/// The workloads with System.Reactive's own operators; each yields what a match adds to the check.
/// </summary>
internal static class Pipelines
{
    private static readonly TimeSpan HalfMinute = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TenMinutes = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public static IObservable<double> Filter(IObservable<Purchase> source, IScheduler time) =>
        source.Where(e => e.Amount > 900 && e.Country != "US").Select(e => e.Amount);

    public static IObservable<double> Tumbling(IObservable<Purchase> source, IScheduler time) =>
        source.Window(Minute, time).SelectMany(window => window.GroupBy(e => e.Card).SelectMany(CountSumMean));

    public static IObservable<double> Velocity(IObservable<Purchase> source, IScheduler time) =>
        source.GroupBy(e => e.Card).SelectMany(card => card.Scan(new Queue<long>(), (times, e) =>
            {
                while (times.Count > 0 && times.Peek() <= e.Ts - 60_000)
                    times.Dequeue();
                times.Enqueue(e.Ts);
                return times;
            })
            .Where(times => times.Count >= 5)
            .Select(times => (double)times.Count));

    public static IObservable<double> Sequence(IObservable<Purchase> source, IScheduler time) =>
        source.GroupBy(e => e.Card).SelectMany(card => card.Where(a => a.Amount < 5).SelectMany(a =>
            card.Where(b => b.Amount < 5).Take(1)
                .SelectMany(_ => card.Where(c => c.Amount > 500).Take(1).Select(c => a.Amount + c.Amount))
                .TakeUntil(Observable.Timer(TenMinutes, time))));

    public static IObservable<double> Absence(IObservable<Purchase> source, IScheduler time) =>
        source.GroupBy(e => e.Card).SelectMany(card => card.Where(o => o.Kind == "open").SelectMany(o =>
            Observable.Timer(HalfMinute, time).TakeUntil(card.Where(c => c.Kind == "close")).Select(_ => o.Amount)));

    public static IObservable<double> Kleene(IObservable<Purchase> source, IScheduler time) =>
        source.GroupBy(e => e.Card).SelectMany(card => card.Where(a => a.Amount < 5).SelectMany(_ =>
            card.Scan(new Climb(0, 0, false), Climb.Step)
                .FirstOrDefaultAsync(climb => climb.Done)
                .Where(climb => climb.Done)
                .TakeUntil(Observable.Timer(Hour, time))
                .Select(climb => climb.Steps + climb.Last)));

    public static IObservable<double> Sessions(IObservable<Purchase> source, IScheduler time) =>
        source.GroupByUntil(e => e.Card, card => card.Throttle(HalfMinute, time)).SelectMany(card => card
            .Aggregate((Count: 0L, Sum: 0.0), (a, e) => (a.Count + 1, a.Sum + e.Amount))
            .Select(a => a.Count + a.Sum));

    public static Func<IObservable<Purchase>, IScheduler, IObservable<double>> ManyFilters(
        IReadOnlyList<(string Country, double Threshold)> rules) =>
        (source, _) => Observable.Create<double>(observer => new System.Reactive.Disposables.CompositeDisposable(
            rules.Select((r, id) => source.Where(e => e.Country == r.Country && e.Amount > r.Threshold)
                .Subscribe(_ => observer.OnNext(id)))));

    private static IObservable<double> CountSumMean(IObservable<Purchase> group) => group
        .Aggregate((Count: 0L, Sum: 0.0), (a, e) => (a.Count + 1, a.Sum + e.Amount))
        .Select(a => a.Sum + a.Count + a.Sum / a.Count);

    private readonly record struct Climb(int Steps, double Last, bool Done)
    {
        public static Climb Step(Climb climb, Purchase e) =>
            e.Amount is >= 5 and < 500 && (climb.Steps == 0 || e.Amount > climb.Last)
                ? new Climb(climb.Steps + 1, e.Amount, false)
            : e.Amount > 500 && climb.Steps > 0 ? climb with { Done = true } : climb;
    }
}
