using System.Reactive;
using System.Reactive.Concurrency;
using System.Reactive.Linq;
using Cep.Plans;
using Cep.Reactive;
using Microsoft.Reactive.Testing;
using Xunit;
using static Cep.Tests.Reactive.Marbles;

namespace Cep.Tests.Reactive;

/// <summary>
/// Events stamped by a scheduler as they arrive find the same as events that bring those times: the operator's wake-ups
/// come when the watermark would.
/// </summary>
public sealed class ArrivalLawTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void When_ForAndResolve_FindTheSame(int seed) => AssertSame(seed, (source, time, clock) => source.When(
        x => x.Value > 4, by: x => x.Device, time: time, scheduler: clock,
        options: new() { For = Ms(25), Resolve = (x, _) => x.Value < 2 }).Select(Text));

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void When_EveryAndMoving_FindTheSame(int seed) => AssertSame(seed, (source, time, clock) => source.When(
        (x, m) => m.Sum(y => y.Value, Ms(40)) > 12, by: x => x.Device, time: time, scheduler: clock,
        options: new() { Every = Ms(7), Rising = true }).Select(Text));

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    public void Silent_FindsTheSame(int seed) => AssertSame(
        seed,
        (source, time, clock) => source.Silent(Ms(30), by: x => x.Device, time: time, scheduler: clock).Select(Text));

    [Theory]
    [InlineData(8, WindowReport.Close)]
    [InlineData(9, WindowReport.Every)]
    [InlineData(10, WindowReport.Update)]
    public void HoppingWindow_FindsTheSame(int seed, WindowReport report) => AssertSame(
        seed, (source, time, clock) => source.HoppingWindow(
            Ms(40), Ms(10), w => w.Sum(x => x.Value), x => x.Device, time, scheduler: clock,
            options: new() { Report = report, Every = Ms(4) }).Select(Text));

    [Theory]
    [InlineData(11, WindowReport.Close)]
    [InlineData(12, WindowReport.Every)]
    public void SessionWindow_FindsTheSame(int seed, WindowReport report) => AssertSame(
        seed, (source, time, clock) => source.SessionWindow(
            Ms(20), Ms(100), w => w.Count(), x => x.Device, time, scheduler: clock,
            options: new() { Report = report, Every = Ms(4) }).Select(Text));

    [Theory]
    [InlineData(13)]
    [InlineData(14)]
    public void DetectPattern_AbsenceAndTimeouts_FindTheSame(int seed) => AssertSame(
        seed, (source, time, clock) => source.DetectPattern(
            Pattern.Begin<Reading>("a", x => x.Value < 3).FollowedBy("b", (x, m) => x.Value > m.Last("a").Value + 1)
                .NotFollowedBy("c", x => x.Value > 5, within: Ms(20)).Within(Ms(30)).OnTimeout(),
            x => x.Device, time, scheduler: clock).Select(Text));

    [Theory]
    [InlineData(15)]
    [InlineData(16)]
    public void DetectPattern_Longest_FindsTheSame(int seed) => AssertSame(
        seed, (source, time, clock) => source.DetectPattern(
            Pattern.Begin<Reading>("a", x => x.Value < 3).FollowedBy("b", x => x.Value > 4).OneOrMore()
                .Within(Ms(30)).Report(PatternReport.Longest),
            x => x.Device, time, scheduler: clock).Select(Text));

    private delegate IObservable<string> Operation(
        IObservable<Reading> source, Func<Reading, DateTimeOffset>? time, IScheduler? clock);

    private static void AssertSame(int seed, Operation operation)
    {
        var random = new Random(seed);
        var events = new List<Recorded<Notification<Reading>>>();
        for (long ms = 1000; events.Count < 300; ms += random.Next(4) == 0 ? random.Next(60) : random.Next(4))
            events.Add(Next(ms, Reading(ms, $"d{random.Next(3)}", random.Next(8))));
        events.Add(Completed<Reading>(20_000));

        var byArrival = Run(events, (source, clock) => operation(source, null, clock));
        var byTime = Run(events, (source, _) => operation(source, x => x.Ts, null));

        Assert.NotEmpty(byTime);
        Assert.Equal(byTime.Order(), byArrival.Order());
        Assert.Equal(byTime.Select(Time), byTime.Select(Time).Order());
        Assert.Equal(byArrival.Select(Time), byArrival.Select(Time).Order());
    }

    private static string Time(string result) => result[..result.IndexOf(' ')];

    private static string Text(Detection<Reading> d) =>
        $"{d.At:O} {d.Status} {d.Event.Device} {d.Event.Ts:O} {d.Event.Value}";

    private static string Text(PatternMatch<Reading> m) =>
        $"{m.At:O} {m.TimedOut} {string.Join(' ', m.Events.Select(e => $"{e.Step} {e.Event.Device} {e.Event.Ts:O}"))}";

    private static string Text<TValue>(WindowResult<string?, TValue> w) =>
        $"{w.At:O} {w.Key} {w.Start:O} {w.End:O} {w.Value} {w.Revision}";

    private static List<string> Run(
        List<Recorded<Notification<Reading>>> events,
        Func<IObservable<Reading>, IScheduler, IObservable<string>> create)
    {
        var scheduler = new TestScheduler();
        var source = scheduler.CreateHotObservable([.. events]);
        var result = scheduler.Run(() => create(source, scheduler), disposed: 30_000);
        return [.. result.Messages.Where(m => m.Value.HasValue).Select(m => m.Value.Value)];
    }
}
