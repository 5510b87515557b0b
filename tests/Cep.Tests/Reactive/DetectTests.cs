using System.Reactive;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Cep.Alerts;
using Cep.Events;
using Cep.Reactive;
using Cep.Rules;
using Cep.Time;
using Microsoft.Reactive.Testing;
using Xunit;
using static Cep.Tests.Reactive.Marbles;

namespace Cep.Tests.Reactive;

/// <summary>Compiled rules as an operator, and other operators in event time.</summary>
public sealed class DetectTests
{
    private const string Rules = """
        streams:
          beats: {fields: {device: string, value: number}}
        rules:
          - rule: lost
            on: beats
            by: device
            silent: 100ms
            emit: losses
          - rule: many
            on: losses
            window: tumbling 1s
            select: {n: count()}
            when: n >= 2
        """;

    private readonly TestScheduler _scheduler = new();

    [Fact]
    public void Detect_StreamOfArrival_WakesItselfForDerivedStreamsToo()
    {
        var plan = RuleCompiler.Compile([new SourceText("rules.yaml", Rules)]).Plan;
        var builder = new EventBatchBuilder(plan.Streams[0].Schema);
        var source = _scheduler.CreateHotObservable(
            Next(210, Beat(builder, "a", 210)), Next(250, Beat(builder, "b", 250)));

        var result = _scheduler.Run(
            () => source.Detect(plan, scheduler: _scheduler).Select(a => $"{a.Rule} {a.AtMs - Ms(At(0)):0}"),
            disposed: 3000);

        result.Messages.AssertEqual(Next(311, "lost 310"), Next(351, "lost 350"), Next(1000, "many 1000"));
        source.Subscriptions.AssertEqual(Subscribed(200, 3000));
    }

    [Fact]
    public void Detect_SourceFails_FailsAndReleasesTheWorkers()
    {
        var plan = RuleCompiler.Compile([new SourceText("rules.yaml", Rules)]).Plan;
        var error = new InvalidDataException();
        var source = _scheduler.CreateHotObservable(Failed<EventBatch>(300, error));

        var result = _scheduler.Run(() => source.Detect(plan, new EngineOptions(Workers: 2)));

        result.Messages.AssertEqual(Failed<Alert>(300, error));
        source.Subscriptions.AssertEqual(Subscribed(200, 300));
    }

    [Fact]
    public void Detect_BatchOfAnUnknownStream_Fails()
    {
        var plan = RuleCompiler.Compile([new SourceText("rules.yaml", Rules)]).Plan;
        var other = new EventBatchBuilder(new StreamSchema("other", [])).Build();

        var notification = Observable.Return(other).Detect(plan).Materialize().ToEnumerable().Single();

        Assert.Equal(NotificationKind.OnError, notification.Kind);
        Assert.StartsWith("The plan has no stream 'other'.", notification.Exception!.Message);
    }

    [Fact]
    public void InEventTime_OutOfOrder_OrdersEventsAndMovesTheClock()
    {
        var clock = new EventTimeScheduler();
        var late = new List<double>();
        var source = _scheduler.CreateHotObservable(
            Next(210, Reading(20, "a", 1)), Next(220, Reading(10, "a", 2)), Next(230, Reading(60, "a", 3)),
            Next(240, Reading(5, "a", 4)), Completed<Reading>(250));

        var result = _scheduler.Run(() => source
            .InEventTime(x => x.Ts, clock, Ms(20), Observer.Create<Reading>(x => late.Add(x.Value)))
            .Select(x => (x.Value, clock.Now)));

        result.Messages.AssertEqual(
            Next(230, (2.0, At(10))), Next(230, (1.0, At(20))), Next(250, (3.0, At(60))),
            Completed<(double, DateTimeOffset)>(250));
        Assert.Equal([4], late);
        source.Subscriptions.AssertEqual(Subscribed(200, 250));
    }

    [Fact]
    public void InEventTime_StockOperators_RunInEventTime()
    {
        var clock = new EventTimeScheduler();
        var source = new Subject<Reading>();
        var quiet = new List<string>();
        using var subscription = source.InEventTime(x => x.Ts, clock).Throttle(Ms(50), clock)
            .Subscribe(x => quiet.Add($"{x.Value} at {(clock.Now - At(0)).TotalMilliseconds}"));
        foreach (var (ms, value) in new[] { (10, 1), (30, 2), (100, 3), (120, 4), (900, 5) })
            source.OnNext(Reading(ms, "a", value));

        Assert.Equal(["2 at 80", "4 at 170"], quiet);
    }

    [Fact]
    public void InEventTime_OperatorsOnItsClock_FindWhatTheirOwnWatermarkFinds()
    {
        var events = Enumerable.Range(0, 300)
            .Select(i => Reading(1000 + i * 40 - i % 3 * 35, $"d{i * 7 % 5}", i % 10)).ToList();
        var clock = new EventTimeScheduler();

        var ordered = events.ToObservable().InEventTime(x => x.Ts, clock, Ms(100));
        var byClock = ordered.Silent(Ms(300), by: x => x.Device, scheduler: clock).ToEnumerable().ToList();
        var byTime = events.ToObservable().Silent(Ms(300), by: x => x.Device, time: x => x.Ts, outOfOrder: Ms(100))
            .ToEnumerable().ToList();

        Assert.NotEmpty(byTime);
        Assert.Equal(byTime, byClock);
    }

    [Fact]
    public void When_ManyEvents_AllocatesLittleForEach()
    {
        var source = new Subject<Reading>();
        var events = Enumerable.Range(0, 2000).Select(i => Reading(i, $"d{i % 50}", i % 10)).ToList();
        var found = 0;
        using var subscription = source
            .When((x, m) => m.Sum(y => y.Value, Ms(20)) > 1000, by: x => x.Device, time: x => x.Ts)
            .Subscribe(_ => found++);
        foreach (var e in events)
            source.OnNext(e);
        events = [.. events.Select(e => e with { Ts = e.Ts.AddSeconds(10) })];

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var e in events)
            source.OnNext(e);
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / events.Count;

        Assert.Equal(0, found);
        Assert.InRange(bytes, 0, 16);
    }

    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static TimeSpan Ms(long ms) => Marbles.Ms(ms);

    private static EventBatch Beat(EventBatchBuilder builder, string device, long at)
    {
        builder.Columns[0].SetValue(builder.Count, device);
        builder.Columns[1].SetValue(builder.Count, 1.0);
        builder.Commit(Ms(At(at)));
        return builder.Build();
    }
}
