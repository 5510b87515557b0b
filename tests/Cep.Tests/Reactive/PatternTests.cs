using System.Globalization;
using System.Reactive;
using System.Reactive.Linq;
using Cep.Plans;
using Cep.Reactive;
using Microsoft.Reactive.Testing;
using Xunit;
using static Cep.Tests.Reactive.Marbles;

namespace Cep.Tests.Reactive;

public sealed class PatternTests
{
    private static readonly Pattern<Reading> Low = Pattern.Begin<Reading>("low", x => x.Value < 5);
    private static readonly Pattern<Reading> High = Pattern.Begin<Reading>("high", x => x.Value > 9);

    private readonly TestScheduler _scheduler = new();

    [Fact]
    public void DetectPattern_FollowedBy_GivesTheMatchWithItsLastEvent()
    {
        var source = _scheduler.CreateHotObservable(
            Event(150, 1), Event(210, 1), Event(220, 7), Event(230, 10), Event(240, 10), Completed<Reading>(400));

        var result = Run(source, Low.FollowedBy(High));

        result.Messages.AssertEqual(Next(230, "low:210 high:230 @230"), Completed<string>(400));
        source.Subscriptions.AssertEqual(Subscribed(200, 400));
    }

    [Fact]
    public void DetectPattern_Events_AreThoseOfTheSourcePerStep()
    {
        var (first, second, last) = (Reading(1, "a", 1), Reading(2, "a", 2), Reading(3, "a", 10));

        var match = new[] { first, second, last }.ToObservable()
            .DetectPattern(Low.OneOrMore().FollowedBy(High), time: x => x.Ts).Wait();

        Assert.Equal(At(3), match.At);
        Assert.False(match.TimedOut);
        Assert.Equal(["low", "low", "high"], match.Events.Select(e => e.Step));
        Assert.Same(first, match["low"][0]);
        Assert.Same(second, match["low"][1]);
        Assert.Same(last, Assert.Single(match["high"]));
        Assert.Empty(match["other"]);
    }

    [Fact]
    public void DetectPattern_By_KeepsKeysApart()
    {
        var source = _scheduler.CreateHotObservable(
            Event(210, 1, "a"), Event(220, 10, "b"), Event(230, 10, "a"), Completed<Reading>(400));

        var result = _scheduler.Run(() => source.DetectPattern(
            Low.Next(High), by: x => x.Device, scheduler: _scheduler).Select(Text));

        result.Messages.AssertEqual(Next(230, "low:210 high:230 @230"), Completed<string>(400));
    }

    [Fact]
    public void DetectPattern_LinkTimes_PassOverWhatIsTooEarlyAndEndAfterTheLatest()
    {
        var source = _scheduler.CreateHotObservable(
            Event(210, 1), Event(211, 10), Event(215, 10), Event(300, 1), Event(331, 10), Completed<Reading>(400));

        var result = Run(source, Low.FollowedBy(High, after: Ms(5), within: Ms(30)));

        result.Messages.AssertEqual(Next(215, "low:210 high:215 @215"), Completed<string>(400));
    }

    [Theory]
    [InlineData(310, true)]
    [InlineData(311, false)]
    public void DetectPattern_Within_IsInclusive(long at, bool isMatch)
    {
        var source = _scheduler.CreateHotObservable(Event(210, 1), Event(at, 10), Completed<Reading>(400));

        var result = Run(source, Low.FollowedBy(High).Within(Ms(100)));

        Assert.Equal(isMatch ? 2 : 1, result.Messages.Count);
    }

    [Fact]
    public void DetectPattern_Absence_FiresByTheClockAMillisecondAfterTheDeadline()
    {
        var source = _scheduler.CreateHotObservable(Event(210, 1), Event(500, 1), Event(550, 10));

        var result = Run(source, Low.NotFollowedBy(High, within: Ms(100)));

        result.Messages.AssertEqual(Next(311, "low:210 @310"));
        source.Subscriptions.AssertEqual(Subscribed(200, 1000));
    }

    [Fact]
    public void DetectPattern_EventAtTheDeadlineOfAnAbsence_IsInTime()
    {
        var source = _scheduler.CreateHotObservable(Event(210, 1), Event(310, 10));

        var result = Run(source, Low.NotFollowedBy(High).Within(Ms(100)));

        result.Messages.AssertEqual();
    }

    [Fact]
    public void DetectPattern_OnTimeout_ReportsThePartialMatchByTheClock()
    {
        var source = _scheduler.CreateHotObservable(Event(210, 1), Event(500, 1), Event(550, 10));

        var result = Run(source, Low.FollowedBy(High).Within(Ms(100)).OnTimeout());

        result.Messages.AssertEqual(Next(311, "low:210 @310 timed out"), Next(550, "low:500 high:550 @550"));
    }

    [Fact]
    public void DetectPattern_Longest_IsReportedByTheClockOrAtTheEnd()
    {
        var source = _scheduler.CreateHotObservable(
            Event(210, 1), Event(220, 10), Event(230, 11), Event(500, 1), Event(510, 10), Completed<Reading>(550));

        var result = Run(
            source, Low.FollowedBy(High).OneOrMore().Within(Ms(100)).Report(PatternReport.Longest));

        result.Messages.AssertEqual(
            Next(311, "low:210 high:220 high:230 @310"),
            Next(550, "low:500 high:510 @600"), Completed<string>(550));
    }

    [Fact]
    public void DetectPattern_Completed_EndsTimeForAnAbsence()
    {
        var source = _scheduler.CreateHotObservable(Event(210, 1), Completed<Reading>(250));

        var result = Run(source, Low.NotFollowedBy(High, within: Ms(100)));

        result.Messages.AssertEqual(Next(250, "low:210 @310"), Completed<string>(250));
    }

    [Fact]
    public void DetectPattern_Disposed_LeavesTheSourceAndCancelsItsWakeUp()
    {
        var source = _scheduler.CreateHotObservable(Event(210, 1));

        var result = Run(source, Low.NotFollowedBy(High, within: Ms(300)), disposed: 400);

        result.Messages.AssertEqual();
        source.Subscriptions.AssertEqual(Subscribed(200, 400));
    }

    [Fact]
    public void DetectPattern_SourceFails_FailsAtOnce()
    {
        var error = new InvalidDataException();
        var source = _scheduler.CreateHotObservable(Event(210, 1), Failed<Reading>(250, error));

        var result = Run(source, Low.NotFollowedBy(High, within: Ms(100)));

        result.Messages.AssertEqual(Failed<string>(250, error));
        source.Subscriptions.AssertEqual(Subscribed(200, 250));
    }

    [Fact]
    public void DetectPattern_OverNumbers_TakesThemWhole()
    {
        var rise = Pattern.Begin<int>("a").FollowedBy("b", (x, m) => x > 2 * m.Last("a")).Within(Ms(10));
        var time = 0;

        var match = new[] { 4, 7, 9 }.ToObservable().DetectPattern(rise, time: _ => At(++time)).Wait();

        Assert.Equal([4, 9], match.Events.Select(e => e.Event));
    }

    [Fact]
    public void DetectPattern_PatternsOfOneBeginning_DoNotDisturbEachOther()
    {
        var often = Low.AtLeast(2);

        Assert.Equal(2, Count(Low.FollowedBy(High)));
        Assert.Equal(1, Count(often.FollowedBy(High)));
    }

    private static int Count(Pattern<Reading> pattern) =>
        new[] { Reading(1, "a", 1), Reading(2, "a", 10), Reading(3, "a", 1), Reading(4, "a", 1), Reading(5, "a", 10) }
            .ToObservable().DetectPattern(pattern, time: x => x.Ts).Count().Wait();

    private static Recorded<Notification<Reading>> Event(
        long ms, double value, string device = "a") => Next(ms, Reading(ms, device, value));

    private static string Text(PatternMatch<Reading> match) => string.Create(
        CultureInfo.InvariantCulture,
        $"{string.Join(' ', match.Events.Select(e => $"{e.Step}:{Millisecond(e.Event.Ts)}"))} "
        + $"@{Millisecond(match.At)}{(match.TimedOut ? " timed out" : "")}");

    private static long Millisecond(DateTimeOffset time) => (long)(time - Epoch).TotalMilliseconds;

    private ITestableObserver<string> Run(
        IObservable<Reading> source, Pattern<Reading> pattern, long disposed = 1000) =>
        _scheduler.Run(
            () => source.DetectPattern(pattern, scheduler: _scheduler).Select(Text), disposed: disposed);
}
