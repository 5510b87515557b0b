using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using Cep.Time;
using Xunit;

namespace Cep.Tests.Time;

/// <summary>The event-time scheduler, trap by trap: those of System.Reactive's virtual-time schedulers.</summary>
public sealed class EventTimeSchedulerTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<string> _ran = [];

    [Fact]
    public void Cancel_ManyItemsBehindALiveOne_LeavesNothingOfThem()
    {
        var clock = new EventTimeScheduler(Start);
        clock.Schedule(At(1), () => { });
        for (var i = 0; i < 10_000; i++)
            clock.Schedule(At(2 + i % 7), () => { }).Dispose();

        Assert.Equal(1, clock.Count);
    }

    [Fact]
    public void Cancel_OfItemsInAnyPlace_KeepsTheOrderOfTheOthers()
    {
        var clock = new EventTimeScheduler(Start);
        var items = Enumerable.Range(0, 200).Select(i => (i * 37) % 200)
            .Select(i => (Due: i, Item: clock.Schedule(At(i), () => _ran.Add($"{i}")))).ToList();
        foreach (var (due, item) in items.Where(i => i.Due % 3 == 0))
            item.Dispose();

        clock.RunUntil(At(1000));

        Assert.Equal(Enumerable.Range(0, 200).Where(i => i % 3 != 0).Select(i => $"{i}"), _ran);
    }

    [Fact]
    public void RunUntil_ItemThrows_GoesOnWithTheNextCall()
    {
        var clock = new EventTimeScheduler(Start);
        clock.Schedule(At(1), () => throw new InvalidDataException("bad"));
        Note(clock, 2, "next");

        Assert.Throws<InvalidDataException>(() => clock.RunUntil(At(5)));
        Assert.Equal(At(1), clock.Now);
        clock.RunUntil(At(5));

        Assert.Equal(["next@2"], _ran);
    }

    [Fact]
    public void RunUntil_TheClockItself_RunsWhatIsDueNow()
    {
        var clock = new EventTimeScheduler(Start);
        ((IScheduler)clock).Schedule(() => _ran.Add("now"));

        clock.AdvanceTo(Start);

        Assert.Equal(["now"], _ran);
    }

    [Fact]
    public void RunUntil_ItemSchedulesForTheSameInstant_RunsItInTheSameCallAndTick()
    {
        var clock = new EventTimeScheduler(Start);
        clock.Schedule(At(3), () =>
        {
            Note(clock, 3, "second");
            Note(clock, 4, "too late");
        });

        clock.RunUntil(At(3));

        Assert.Equal(["second@3"], _ran);
    }

    [Fact]
    public void RunUntil_ItemsOfOneTime_RunInTheOrderOfScheduling()
    {
        var clock = new EventTimeScheduler(Start);
        foreach (var name in "abcdefgh")
            Note(clock, 5, name.ToString());

        clock.RunUntil(At(5));

        Assert.Equal("abcdefgh".Select(c => $"{c}@5"), _ran);
    }

    [Fact]
    public void RunUntil_PastDueItem_RunsAtThePresentAndTheClockStays()
    {
        var clock = new EventTimeScheduler(At(10));
        Note(clock, 2, "late");

        clock.RunUntil(At(10));

        Assert.Equal(["late@10"], _ran);
    }

    [Fact]
    public void RunUntil_ByAnItem_IsRefusedWithAWayOut()
    {
        var clock = new EventTimeScheduler(Start);
        clock.Schedule(At(1), () => clock.RunUntil(At(2)));

        var error = Assert.Throws<InvalidOperationException>(() => clock.RunUntil(At(1)));

        Assert.Equal(
            "The clock cannot be moved by an item that it runs: schedule another item instead.", error.Message);
    }

    [Fact]
    public void Advance_Watermark_RunsWhatIsDueBeforeItOnly()
    {
        var clock = new EventTimeScheduler(Start);
        Note(clock, 4, "before");
        Note(clock, 5, "at");

        clock.Advance(At(5));
        Assert.Equal(["before@4"], _ran);
        Assert.Equal(At(5), clock.Now);

        clock.Advance(At(5).AddTicks(1));
        Assert.Equal(["before@4", "at@5"], _ran);
    }

    [Fact]
    public void Advance_Backwards_ChangesNothing()
    {
        var clock = new EventTimeScheduler(At(9));

        clock.Advance(At(3));

        Assert.Equal(At(9), clock.Now);
    }

    [Fact]
    public void Clock_BeforeTheFirstEvent_LetsRelativeTimesCountFromIt()
    {
        var clock = new EventTimeScheduler();
        ((IScheduler)clock).Schedule(TimeSpan.FromSeconds(10), () => _ran.Add($"{Seconds(clock)}"));
        ((IScheduler)clock).Schedule(TimeSpan.FromSeconds(20), () => _ran.Add("cancelled")).Dispose();
        Assert.False(clock.HasStarted);

        clock.Advance(At(100));
        Assert.Empty(_ran);
        Assert.Equal(1, clock.Count);
        clock.Advance(At(111));

        Assert.Equal(["110"], _ran);
    }

    [Fact]
    public void Clock_AfterTheFirstEvent_CanBeSubtractedFrom()
    {
        var clock = new EventTimeScheduler();

        clock.Advance(At(0));

        Assert.Equal(Start - TimeSpan.FromDays(365), clock.Now - TimeSpan.FromDays(365));
    }

    [Fact]
    public void Start_WorkThatSchedulesMore_RunsAll()
    {
        var clock = new EventTimeScheduler(Start);
        clock.Schedule(At(1), () => Note(clock, 7, "more"));

        clock.Start();

        Assert.Equal(["more@7"], _ran);
        Assert.Equal(0, clock.Count);
    }

    [Fact]
    public void Throttle_ReArmedAThousandTimes_HoldsOneTimerAndFiresInEventTime()
    {
        var clock = new EventTimeScheduler(Start);
        var source = new Subject<int>();
        using var subscription = source.Throttle(TimeSpan.FromSeconds(5), clock)
            .Subscribe(x => _ran.Add($"{x}@{Seconds(clock)}"));
        for (var i = 0; i < 1000; i++)
        {
            clock.Advance(At(i));
            source.OnNext(i);
        }

        Assert.Equal(1, clock.Count);
        clock.Advance(At(2000));

        Assert.Equal(["999@1004"], _ran);
    }

    [Fact]
    public void Dispose_OfWhatAnItemStarted_ReachesIt()
    {
        var clock = new EventTimeScheduler(Start);
        var item = clock.Schedule(
            0, At(1), (_, _) => System.Reactive.Disposables.Disposable.Create(() => _ran.Add("stopped")));
        clock.RunUntil(At(1));

        item.Dispose();

        Assert.Equal(["stopped"], _ran);
    }

    private static DateTimeOffset At(int seconds) => Start.AddSeconds(seconds);

    private static int Seconds(EventTimeScheduler clock) => (int)(clock.Now - Start).TotalSeconds;

    private void Note(EventTimeScheduler clock, int seconds, string name) =>
        clock.Schedule(At(seconds), () => _ran.Add($"{name}@{Seconds(clock)}"));
}
