using System.Reactive.Linq;
using Microsoft.Reactive.Testing;
using Xunit;

namespace Cep.Tests.Time;

/// <summary>That the virtual clock which the tests of time rest on works over the System.Reactive in use.</summary>
public sealed class TestSchedulerTests : ReactiveTest
{
    [Fact]
    public void Start_HotObservable_IsRecordedFromSubscriptionToDisposal()
    {
        var scheduler = new TestScheduler();
        var source = scheduler.CreateHotObservable(
            OnNext(150, 1), OnNext(210, 2), OnNext(240, 3), OnNext(400, 4), OnCompleted<int>(500));

        var result = scheduler.Start(() => source.Where(x => x != 3).Select(x => x * 10));

        result.Messages.AssertEqual(OnNext(210, 20), OnNext(400, 40), OnCompleted<int>(500));
        source.Subscriptions.AssertEqual(Subscribe(200, 500));
    }

    [Fact]
    public void Start_TimeBasedOperator_IsDrivenByTheVirtualClock()
    {
        var scheduler = new TestScheduler();
        var source = scheduler.CreateHotObservable(OnNext(210, 'a'), OnNext(230, 'b'), OnNext(300, 'c'));

        var result = scheduler.Start(() => source.Throttle(TimeSpan.FromTicks(50), scheduler));

        result.Messages.AssertEqual(OnNext(280, 'b'), OnNext(350, 'c'));
    }
}
