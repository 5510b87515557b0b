using System.Reactive;
using Cep.Plans;
using Cep.Reactive;
using Microsoft.Reactive.Testing;

namespace Cep.Tests.Reactive;

internal enum Mood
{
    Calm,
    Angry,
}

/// <summary>An event of the tests.</summary>
internal sealed record Reading(DateTimeOffset Ts, string? Device, double Value, int Count = 0, Mood Mood = Mood.Calm);

/// <summary>Hot observables over a test scheduler, in milliseconds: subscribed at 200, disposed at 1000.</summary>
internal static class Marbles
{
    public static readonly DateTimeOffset Epoch = DateTimeOffset.MinValue;

    public static long Ticks(long ms) => ms * TimeSpan.TicksPerMillisecond;

    /// <summary>A time on the clock of a test scheduler.</summary>
    public static DateTimeOffset At(long ms) => Epoch.AddMilliseconds(ms);

    public static TimeSpan Ms(long ms) => TimeSpan.FromMilliseconds(ms);

    public static Reading Reading(long ms, string? device, double value) => new(At(ms), device, value);

    public static Recorded<Notification<T>> Next<T>(long ms, T value) => ReactiveTest.OnNext(Ticks(ms), value);

    public static Recorded<Notification<T>> Completed<T>(long ms) => ReactiveTest.OnCompleted<T>(Ticks(ms));

    public static Recorded<Notification<T>> Failed<T>(long ms, Exception error) =>
        ReactiveTest.OnError<T>(Ticks(ms), error);

    public static Subscription Subscribed(long from, long to) => ReactiveTest.Subscribe(Ticks(from), Ticks(to));

    public static Recorded<Notification<Detection<T>>> Firing<T>(long ms, T value, long at) =>
        Next(ms, new Detection<T>(value, At(at), AlertStatus.Firing));

    public static Recorded<Notification<Detection<T>>> Resolved<T>(long ms, T value, long at) =>
        Next(ms, new Detection<T>(value, At(at), AlertStatus.Resolved));

    public static ITestableObserver<T> Run<T>(
        this TestScheduler scheduler, Func<IObservable<T>> create, long subscribed = 200, long disposed = 1000) =>
        scheduler.Start(create, Ticks(100), Ticks(subscribed), Ticks(disposed));
}
