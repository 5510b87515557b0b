using System.Reactive.Concurrency;

namespace Cep.Reactive;

/// <summary>Where the time of events comes from: a selector, or the clock of a scheduler at their arrival.</summary>
internal sealed record EventTiming<T>
{
    private EventTiming(Func<T, DateTimeOffset>? time, long outOfOrderMs, IScheduler? clock) =>
        (Time, OutOfOrderMs, Clock) = (time, outOfOrderMs, clock);

    public Func<T, DateTimeOffset>? Time { get; }

    public long OutOfOrderMs { get; }

    /// <summary>The clock of arrival; null where events bring their time.</summary>
    public IScheduler? Clock { get; }

    /// <exception cref="ArgumentException">There is none, or there are two.</exception>
    public static EventTiming<T> Of(Func<T, DateTimeOffset>? time, TimeSpan outOfOrder, IScheduler? scheduler)
    {
        if (time is null && scheduler is null)
            throw new ArgumentException(
                "Say where the time of the events comes from: a selector (time: x => x.Ts), or a scheduler whose clock "
                + "stamps them as they arrive.", nameof(time));
        if (time is not null && scheduler is not null)
            throw new ArgumentException(
                "Events that bring their time need no scheduler: their watermark is the clock. Leave out one of them.",
                nameof(scheduler));
        if (time is null && outOfOrder != TimeSpan.Zero)
            throw new ArgumentException("Events that are stamped as they arrive are in order.", nameof(outOfOrder));
        return new(time, ColumnTypes.NotNegative(outOfOrder, nameof(outOfOrder)), scheduler);
    }
}
