using System.Reactive;
using System.Reactive.Concurrency;
using System.Reactive.Disposables;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Cep.Reactive;
using Microsoft.Reactive.Testing;
using Xunit;
using static Cep.Tests.Reactive.Marbles;

namespace Cep.Tests.Reactive;

public sealed class WhenTests
{
    private readonly TestScheduler _scheduler = new();

    [Fact]
    public void When_PlainCondition_FiresForEachEventAtItsTime()
    {
        var (low, high, higher) = (Reading(210, "a", 1), Reading(220, "a", 10), Reading(230, "b", 11));
        var source = _scheduler.CreateHotObservable(
            Next(150, high), Next(210, low), Next(220, high), Next(230, higher), Completed<Reading>(400));

        var result = _scheduler.Run(() => source.When(x => x.Value > 5, scheduler: _scheduler));

        result.Messages.AssertEqual(
            Firing(220, high, 220), Firing(230, higher, 230), Completed<Detection<Reading>>(400));
        source.Subscriptions.AssertEqual(Subscribed(200, 400));
    }

    [Fact]
    public void When_Disposed_LeavesTheSourceAndCancelsItsWakeUp()
    {
        var source = _scheduler.CreateHotObservable(Next(210, Reading(210, "a", 10)), Next(700, Reading(700, "a", 10)));

        var result = _scheduler.Run(
            () => source.When(x => x.Value > 5, scheduler: _scheduler, options: new() { For = Ms(300) }),
            disposed: 400);

        result.Messages.AssertEqual();
        source.Subscriptions.AssertEqual(Subscribed(200, 400));
    }

    [Fact]
    public void When_SourceFails_FailsAtOnce()
    {
        var error = new InvalidDataException();
        var source = _scheduler.CreateHotObservable(
            Next(210, Reading(210, "a", 10)), Failed<Reading>(250, error), Next(260, Reading(260, "a", 10)));

        var result = _scheduler.Run(
            () => source.When(x => x.Value > 5, scheduler: _scheduler, options: new() { For = Ms(300) }));

        result.Messages.AssertEqual(Failed<Detection<Reading>>(250, error));
        source.Subscriptions.AssertEqual(Subscribed(200, 250));
    }

    [Fact]
    public void When_TimeSelectorThrows_FailsAndLeavesTheSource()
    {
        var error = new InvalidDataException();
        var source = _scheduler.CreateHotObservable(Next(210, Reading(210, "a", 10)));

        var result = _scheduler.Run(() => source.When(x => x.Value > 5, time: _ => throw error));

        result.Messages.AssertEqual(Failed<Detection<Reading>>(210, error));
        source.Subscriptions.AssertEqual(Subscribed(200, 210));
    }

    [Fact]
    public void When_For_FiresAMillisecondAfterTheDeadlineAndResolves()
    {
        var (hot, still, cold) = (Reading(210, "a", 10), Reading(260, "a", 11), Reading(400, "a", 1));
        var source = _scheduler.CreateHotObservable(Next(210, hot), Next(260, still), Next(400, cold));

        var result = _scheduler.Run(() => source.When(
            x => x.Value > 5, by: x => x.Device, scheduler: _scheduler, options: new() { For = Ms(100) }));

        result.Messages.AssertEqual(Firing(311, still, 310), Resolved(400, cold, 400));
    }

    [Fact]
    public void When_ForAndAnEventAtTheDeadline_LetsTheEventDecide()
    {
        var source = _scheduler.CreateHotObservable(
            Next(210, Reading(210, "a", 10)), Next(310, Reading(310, "a", 1)));

        var result = _scheduler.Run(
            () => source.When(x => x.Value > 5, scheduler: _scheduler, options: new() { For = Ms(100) }));

        result.Messages.AssertEqual();
    }

    [Fact]
    public void When_Resolve_KeepsFiringInBetween()
    {
        var (hot, warm, cold) = (Reading(210, "a", 10), Reading(260, "a", 4), Reading(400, "a", 1));
        var source = _scheduler.CreateHotObservable(Next(210, hot), Next(260, warm), Next(300, hot), Next(400, cold));

        var result = _scheduler.Run(() => source.When(
            x => x.Value > 5, by: x => x.Device, scheduler: _scheduler,
            options: new() { Resolve = (x, _) => x.Value < 2 }));

        result.Messages.AssertEqual(Firing(210, hot, 210), Resolved(400, cold, 400));
    }

    [Fact]
    public void When_Rising_FiresWhenTheConditionTurnsTrueForTheKey()
    {
        var (a, b, low) = (Reading(210, "a", 10), Reading(220, "b", 10), Reading(250, "a", 1));
        var source = _scheduler.CreateHotObservable(
            Next(210, a), Next(220, b), Next(230, a), Next(250, low), Next(260, a));

        var result = _scheduler.Run(() => source.When(
            x => x.Value > 5, by: x => x.Device, scheduler: _scheduler, options: new() { Rising = true }));

        result.Messages.AssertEqual(Firing(210, a, 210), Firing(220, b, 220), Firing(260, a, 260));
    }

    [Fact]
    public void When_Every_SeesAFallingCountWithoutEvents()
    {
        var (first, second) = (Reading(210, "a", 1), Reading(240, "a", 2));
        var source = _scheduler.CreateHotObservable(Next(210, first), Next(240, second));

        var result = _scheduler.Run(
            () => source.When(
                (x, m) => m.Count(Ms(60)) < 2, by: x => x.Device, scheduler: _scheduler,
                options: new() { Every = Ms(50), Rising = true }),
            disposed: 500);

        result.Messages.AssertEqual(Firing(210, first, 210), Firing(301, second, 300));
    }

    [Fact]
    public void When_MovingCount_CountsTheKeysEvents()
    {
        var events = new[] { 210, 220, 230, 300, 310, 320 }.Select(ms => Reading(ms, "a", 1)).ToList();
        var source = _scheduler.CreateHotObservable([.. events.Select(e => Next((e.Ts - Epoch).Ticks / 10_000, e)),
            Next(235, Reading(235, "b", 1))]);

        var result = _scheduler.Run(
            () => source.When((x, m) => m.Count(Ms(50)) >= 3, by: x => x.Device, scheduler: _scheduler));

        result.Messages.AssertEqual(Firing(230, events[2], 230), Firing(320, events[5], 320));
    }

    [Fact]
    public void When_Baseline_LeavesTheSpikeOut()
    {
        var events = new[] { 1.0, 2, 3, 9, 4 }.Select((v, i) => Reading(210 + i * 10, "a", v)).ToList();
        var source = _scheduler.CreateHotObservable([.. events.Select((e, i) => Next(210 + i * 10, e))]);

        var result = _scheduler.Run(() => source.When(
            (x, m) => x.Value > 3 * m.Avg(y => y.Value, Over.Prior(Ms(500))), by: x => x.Device,
            scheduler: _scheduler));

        result.Messages.AssertEqual(Firing(240, events[3], 240));
    }

    [Fact]
    public void When_EventTime_PutsEventsInOrderAndFollowsTheWatermark()
    {
        var (first, second, third) = (Reading(10, "a", 1), Reading(20, "a", 5), Reading(60, "a", 9));
        var source = _scheduler.CreateHotObservable(
            Next(210, second), Next(220, first), Next(230, third), Completed<Reading>(300));

        var result = _scheduler.Run(() => source.When(
            (x, m) => x.Value > m.Prev(y => y.Value), by: x => x.Device, time: x => x.Ts, outOfOrder: Ms(30)));

        result.Messages.AssertEqual(
            Firing(230, second, 20), Firing(300, third, 60), Completed<Detection<Reading>>(300));
    }

    [Fact]
    public void When_EventBelowTheWatermark_GoesToWhomItIsLateFor()
    {
        var (first, late) = (Reading(100, "a", 9), Reading(50, "a", 9));
        var source = new Subject<Reading>();
        var (found, missed) = (new List<Reading>(), new List<Reading>());
        using var subscription = source
            .When(x => x.Value > 5, time: x => x.Ts, options: new() { Late = Observer.Create<Reading>(missed.Add) })
            .Subscribe(d => found.Add(d.Event));

        source.OnNext(first);
        source.OnNext(late);

        Assert.Equal([first], found);
        Assert.Equal([late], missed);
    }

    [Fact]
    public void When_ClockOfTheMachine_WakesTheOperatorOnAnotherThread()
    {
        using var scheduler = new EventLoopScheduler();
        using var source = new Subject<Reading>();
        using var fired = new ManualResetEventSlim();
        using var subscription = source
            .When(x => x.Value > 5, scheduler: scheduler, options: new() { For = Ms(20) }).Subscribe(_ => fired.Set());

        source.OnNext(Reading(0, "a", 9));

        Assert.True(fired.Wait(Ms(30_000), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void When_ClockGoesBack_StampsEventsNoEarlierThanBefore()
    {
        var clock = new BackwardsClock { Now = At(500) };
        var source = new Subject<int>();
        var times = new List<DateTimeOffset>();
        using var subscription = source.When(x => x > 0, scheduler: clock).Subscribe(d => times.Add(d.At));

        source.OnNext(1);
        clock.Now = At(400);
        source.OnNext(2);

        Assert.Equal([At(500), At(500)], times);
    }

    private sealed class BackwardsClock : IScheduler
    {
        public DateTimeOffset Now { get; set; }

        public IDisposable Schedule<TState>(TState state, Func<IScheduler, TState, IDisposable> action) =>
            Disposable.Empty;

        public IDisposable Schedule<TState>(
            TState state, TimeSpan dueTime, Func<IScheduler, TState, IDisposable> action) => Disposable.Empty;

        public IDisposable Schedule<TState>(
            TState state, DateTimeOffset dueTime, Func<IScheduler, TState, IDisposable> action) => Disposable.Empty;
    }

    [Fact]
    public void When_SubscribedTwice_BeginsAnew()
    {
        var source = new Subject<Reading>();
        var rising = source.When(x => x.Value > 5, scheduler: _scheduler, options: new() { Rising = true });
        var (first, second) = (0, 0);
        using (rising.Subscribe(_ => first++))
            source.OnNext(Reading(0, "a", 10));

        using (rising.Subscribe(_ => second++))
            source.OnNext(Reading(0, "a", 10));

        Assert.Equal((1, 1), (first, second));
        Assert.False(source.HasObservers);
    }

    [Fact]
    public void When_ObserverSendsAnEvent_GivesItsResultAfterThisOne()
    {
        var source = new Subject<int>();
        var seen = new List<int>();
        using var subscription = source.When(x => x > 0, scheduler: _scheduler).Subscribe(d =>
        {
            if (d.Event < 3)
                source.OnNext(d.Event + 1);
            seen.Add(d.Event);
        });

        source.OnNext(1);

        Assert.Equal([1, 2, 3], seen);
    }

    [Fact]
    public void When_ObserverHasEnough_StopsAtOnce()
    {
        var source = Enumerable.Range(0, 1000).ToObservable();

        var seen = source.When(x => x % 2 == 0, scheduler: _scheduler).Take(2).Select(d => d.Event).ToEnumerable();

        Assert.Equal([0, 2], seen);
    }

    [Fact]
    public void When_NoClockOrTwo_SaysWhatToDo()
    {
        var source = new Subject<Reading>();

        var none = Assert.Throws<ArgumentException>(() => source.When(x => x.Value > 1));
        var two = Assert.Throws<ArgumentException>(
            () => source.When(x => x.Value > 1, time: x => x.Ts, scheduler: _scheduler));

        Assert.StartsWith("Say where the time of the events comes from: a selector (time: x => x.Ts)", none.Message);
        Assert.StartsWith("Events that bring their time need no scheduler: their watermark is the clock.", two.Message);
    }

    [Fact]
    public void When_RisingWithAState_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => new Subject<int>().When(
            x => x > 0, scheduler: _scheduler, options: new() { Rising = true, For = Ms(1) }));

        Assert.StartsWith("Rising is for conditions without a state; with For or Resolve a detection", error.Message);
    }

    [Fact]
    public void Silent_ForNoTime_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(
        () => new Subject<int>().Silent(TimeSpan.FromTicks(1), scheduler: _scheduler));

    [Fact]
    public void Silent_NoEventForATime_FiresAndTheNextResolves()
    {
        var (a, b, back) = (Reading(210, "a", 1), Reading(250, "b", 1), Reading(500, "a", 1));
        var source = _scheduler.CreateHotObservable(Next(210, a), Next(250, b), Next(270, b), Next(500, back));

        var result = _scheduler.Run(
            () => source.Silent(Ms(100), by: x => x.Device, scheduler: _scheduler), disposed: 550);

        result.Messages.AssertEqual(Firing(311, a, 310), Firing(371, b, 370), Resolved(500, back, 500));
    }

    [Fact]
    public void Silent_EndOfTheSource_IsTheEndOfTime()
    {
        var a = Reading(210, "a", 1);
        var source = _scheduler.CreateHotObservable(Next(210, a), Completed<Reading>(220));

        var result = _scheduler.Run(() => source.Silent(Ms(100), by: x => x.Device, scheduler: _scheduler));

        result.Messages.AssertEqual(Firing(220, a, 310), Completed<Detection<Reading>>(220));
    }

    [Fact]
    public void Silent_ThousandEvents_KeepsOneWakeUp()
    {
        var source = new Subject<Reading>();
        var clock = new Cep.Time.EventTimeScheduler(At(0));
        using var subscription = source.Silent(Ms(100), by: x => x.Device, scheduler: clock).Subscribe(_ => { });
        for (var i = 0; i < 1000; i++)
        {
            clock.Advance(At(i));
            source.OnNext(Reading(i, "d" + i % 10, 1));
        }

        Assert.Equal(1, clock.Count);
    }
}
