using System.Reactive;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Cep.Plans;
using Cep.Reactive;
using Microsoft.Reactive.Testing;
using Xunit;
using static Cep.Tests.Reactive.Marbles;

namespace Cep.Tests.Reactive;

public sealed class WindowTests
{
    private readonly TestScheduler _scheduler = new();

    private ITestableObservable<Reading> Source { get; }

    public WindowTests() => Source = _scheduler.CreateHotObservable(
        Next(210, Reading(210, "a", 1)),
        Next(220, Reading(220, "b", 5)),
        Next(290, Reading(290, "a", 2)),
        Next(300, Reading(300, "a", 4)),
        Next(450, Reading(450, "a", 7)),
        Completed<Reading>(480));

    [Fact]
    public void TumblingWindow_Arrival_ClosesAtItsEndWithoutAnEvent()
    {
        var result = _scheduler.Run(() => Source.TumblingWindow(
            Ms(100), w => new { Count = w.Count(), Total = w.Sum(x => x.Value) }, by: x => x.Device,
            scheduler: _scheduler));

        result.Messages.AssertEqual(
            Closed(300, "a", 200, 300, new { Count = 2L, Total = 3.0 }),
            Closed(300, "b", 200, 300, new { Count = 1L, Total = 5.0 }),
            Closed(400, "a", 300, 400, new { Count = 1L, Total = 4.0 }),
            Closed(480, "a", 400, 500, new { Count = 1L, Total = 7.0 }),
            End(480, new { Count = 0L, Total = 0.0 }));
        Source.Subscriptions.AssertEqual(Subscribed(200, 480));
    }

    [Fact]
    public void TumblingWindow_Disposed_ReportsNothingMore()
    {
        var result = _scheduler.Run(
            () => Source.TumblingWindow(Ms(100), w => w.Count(), scheduler: _scheduler), disposed: 295);

        result.Messages.AssertEqual();
        Source.Subscriptions.AssertEqual(Subscribed(200, 295));
    }

    [Fact]
    public void TumblingWindow_EventTimeOutOfOrder_WaitsForTheWatermark()
    {
        var result = _scheduler.Run(() => Source.TumblingWindow(
            Ms(100), w => w.Count(), time: x => x.Ts, outOfOrder: Ms(100)));

        result.Messages.AssertEqual(
            Unkeyed(450, 200, 300, 3L), Unkeyed(480, 300, 400, 1L), Unkeyed(480, 400, 500, 1L),
            Completed<WindowResult<Unit, long>>(480));
    }

    [Fact]
    public void TumblingWindow_AllowedLateness_ReportsAgainWithARevision()
    {
        var source = new Subject<Reading>();
        var seen = new List<(long Count, int Revision)>();
        using var subscription = source
            .TumblingWindow(Ms(100), w => w.Count(), time: x => x.Ts, options: new() { AllowedLateness = Ms(500) })
            .Subscribe(w => seen.Add((w.Value, w.Revision)));
        foreach (var ms in new[] { 10, 120, 30, 900, 40 })
            source.OnNext(Reading(ms, "a", 1));

        Assert.Equal([(1, 0), (2, 1), (1, 0)], seen);
    }

    [Fact]
    public void TumblingWindow_When_ReportsWhereItHolds()
    {
        var result = _scheduler.Run(() => Source.TumblingWindow(
            Ms(100), w => new { Total = w.Sum(x => x.Value) }, by: x => x.Device, scheduler: _scheduler,
            options: new() { When = r => r.Total > 4.5, Where = x => x.Value < 6 }));

        result.Messages.AssertEqual(
            Closed(300, "b", 200, 300, new { Total = 5.0 }),
            End(480, new { Total = 0.0 }));
    }

    [Fact]
    public void TumblingWindow_Every_ReportsOnTheBeatFromItsStart()
    {
        var result = _scheduler.Run(
            () => Source.TumblingWindow(
                Ms(100), w => w.Count(), scheduler: _scheduler,
                options: new() { Report = WindowReport.Every, Every = Ms(40) }),
            disposed: 310);

        result.Messages.AssertEqual(
            Beat(241, 200, 300, 2L, 240), Beat(281, 200, 300, 2L, 280), Unkeyed(300, 200, 300, 3L));
    }

    [Fact]
    public void TumblingWindow_Update_ReportsAtEachEvent()
    {
        var result = _scheduler.Run(
            () => Source.TumblingWindow(
                Ms(100), w => w.Count(), scheduler: _scheduler, options: new() { Report = WindowReport.Update }),
            disposed: 310);

        result.Messages.AssertEqual(
            Beat(210, 200, 300, 1L, 210), Beat(220, 200, 300, 2L, 220), Beat(290, 200, 300, 3L, 290),
            Beat(300, 300, 400, 1L, 300));
    }

    [Fact]
    public void HoppingWindow_Arrival_ClosesEveryStep()
    {
        var result = _scheduler.Run(
            () => Source.HoppingWindow(Ms(100), Ms(50), w => w.Count(), scheduler: _scheduler), disposed: 401);

        result.Messages.AssertEqual(
            Unkeyed(250, 150, 250, 2L), Unkeyed(300, 200, 300, 3L), Unkeyed(350, 250, 350, 2L),
            Unkeyed(400, 300, 400, 1L));
    }

    [Fact]
    public void SessionWindow_Arrival_EndsAfterTheGapOfItsKey()
    {
        var result = _scheduler.Run(
            () => Source.SessionWindow(
                Ms(85), TimeSpan.Zero, w => w.Count(), by: x => new { x.Device, Big = x.Value > 100 },
                scheduler: _scheduler),
            disposed: 400);

        result.Messages.AssertEqual(
            Next(305, Session(new { Device = (string?)"b", Big = false }, 220, 305, 1L)),
            Next(385, Session(new { Device = (string?)"a", Big = false }, 210, 385, 3L)));
    }

    [Fact]
    public void CountWindow_Full_ReportsAtItsLastEvent()
    {
        var seen = new List<string>();
        _scheduler.Run(() => Source.CountWindow(
            2, w => new { First = w.First(x => x.Ts), All = w.Collect(x => x.Value) }, by: x => x.Device,
            scheduler: _scheduler).Do(w => seen.Add(
                $"{w.Key} {w.Start:fff}-{w.End:fff} {w.Value.First:fff} {string.Join('+', w.Value.All)}")));

        Assert.Equal(["a 210-290 210 1+2", "a 300-450 300 4+7"], seen);
    }

    [Fact]
    public void Window_ThatMakesNoSense_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => Source.CalendarWindow(
            CalendarUnit.Day, "Europe/Nowhere", w => w.Count(), time: x => x.Ts));
        Assert.Throws<ArgumentException>(() => Source.CountWindow(
            3, w => w.Count(), time: x => x.Ts, options: new() { Offset = Ms(1) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Source.TumblingWindow(
            Ms(10), w => w.Count(), time: x => x.Ts, options: new() { Report = WindowReport.Every }));
    }

    [Fact]
    public void CalendarWindow_Day_IsThatOfTheZone()
    {
        var source = new Subject<DateTimeOffset>();
        var seen = new List<WindowResult<Unit, long>>();
        using var subscription = source
            .CalendarWindow(CalendarUnit.Day, "Europe/Berlin", w => w.Count(), time: x => x).Subscribe(seen.Add);
        var morning = new DateTimeOffset(2026, 3, 29, 6, 0, 0, TimeSpan.Zero);
        source.OnNext(morning);
        source.OnNext(morning.AddDays(1));

        Assert.Equal(new DateTimeOffset(2026, 3, 28, 23, 0, 0, TimeSpan.Zero), seen[0].Start);
        Assert.Equal(TimeSpan.FromHours(23), seen[0].End - seen[0].Start);
    }

    /// <summary>The end of results of a type that has no name.</summary>
    private static Recorded<Notification<WindowResult<string?, TValue>>> End<TValue>(long ms, TValue like)
    {
        _ = like;
        return Completed<WindowResult<string?, TValue>>(ms);
    }

    private static Recorded<Notification<WindowResult<string?, TValue>>> Closed<TValue>(
        long ms, string key, long start, long end, TValue value) =>
        Next(ms, new WindowResult<string?, TValue>(key, At(start), At(end), value, At(end), 0));

    private static Recorded<Notification<WindowResult<Unit, TValue>>> Unkeyed<TValue>(
        long ms, long start, long end, TValue value) => Beat(ms, start, end, value, end);

    private static Recorded<Notification<WindowResult<Unit, TValue>>> Beat<TValue>(
        long ms, long start, long end, TValue value, long at) =>
        Next(ms, new WindowResult<Unit, TValue>(Unit.Default, At(start), At(end), value, At(at), 0));

    private static WindowResult<TKey, TValue> Session<TKey, TValue>(TKey key, long start, long end, TValue value) =>
        new(key, At(start), At(end), value, At(end), 0);
}
