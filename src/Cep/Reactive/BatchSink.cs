using System.Reactive;
using System.Reactive.Concurrency;
using Cep.Alerts;
using Cep.Events;
using Cep.Plans;

namespace Cep.Reactive;

/// <summary>Rules over batches of events, as an observable: each subscription has an engine of its own.</summary>
internal sealed class BatchObservable(
    IObservable<EventBatch> source, EnginePlan plan, EngineOptions options, IScheduler? clock) : ObservableBase<Alert>
{
    protected override IDisposable SubscribeCore(IObserver<Alert> observer) =>
        new BatchSink(plan, options, clock, observer).Run(source);
}

/// <summary>One subscription to rules over batches.</summary>
internal sealed class BatchSink : EngineSink<EventBatch, Alert>
{
    private readonly string[] _arriving;
    private readonly string[] _following;

    public BatchSink(EnginePlan plan, EngineOptions options, IScheduler? clock, IObserver<Alert> observer)
        : base(observer, clock)
    {
        Engine = new Engine(plan, options);
        _arriving = [.. plan.Streams.Where(s => s.Schema.TimeField < 0 && !s.Derived).Select(s => s.Schema.Name)];
        _following = [.. plan.Streams.Where(s => s.Derived).Select(s => s.Schema.Name)];
        Engine.Alerts.Subscribe(new Found(this));
    }

    protected override Engine Engine { get; }

    protected override void Take(EventBatch value) => Engine.Push(value);

    protected override void Tick(long nowMs)
    {
        foreach (var stream in _arriving)
            Engine.Advance(stream, nowMs);
    }

    /// <summary>
    /// Of streams whose clock is that of arrival. What is overdue waits for an event: no clock of ours moves it.
    /// </summary>
    protected override long NextDueMs(long nowMs)
    {
        var next = long.MaxValue;
        if (_arriving.Length == 0)
            return next;
        foreach (var stream in _arriving.Concat(_following))
            if (Engine.NextDueMs(stream) is var due && due > nowMs)
                next = Math.Min(next, due);
        return next;
    }

    private sealed class Found(BatchSink sink) : IObserver<IReadOnlyList<Alert>>
    {
        public void OnNext(IReadOnlyList<Alert> value)
        {
            foreach (var alert in value)
                sink.Add(alert.AtMs, alert);
        }

        public void OnError(Exception error) => sink.OnError(error);

        public void OnCompleted()
        {
            // the end of the source is told by the source
        }
    }
}
