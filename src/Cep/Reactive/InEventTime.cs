using System.Reactive;
using System.Reactive.Disposables;
using Cep.Time;

namespace Cep.Reactive;

/// <summary>Puts events in order and moves an event-time scheduler with them: see the operator of this name.</summary>
internal sealed class InEventTime<T>(
    IObservable<T> source,
    Func<T, DateTimeOffset> time,
    EventTimeScheduler clock,
    TimeSpan outOfOrder,
    IObserver<T>? late) : ObservableBase<T>
{
    protected override IDisposable SubscribeCore(IObserver<T> observer)
    {
        var sink = new Sink(this, observer);
        sink.Run(source);
        return sink;
    }

    private sealed class Sink(InEventTime<T> operation, IObserver<T> observer) : IObserver<T>, IDisposable
    {
        private readonly SingleAssignmentDisposable _upstream = new();
        private readonly PriorityQueue<T, (DateTimeOffset Time, long Order)> _waiting = new();
        private DateTimeOffset _watermark = DateTimeOffset.MinValue;
        private long _order;
        private bool _stopped;

        public void Run(IObservable<T> source) => _upstream.Disposable = source.SubscribeSafe(this);

        public void OnNext(T value)
        {
            if (_stopped)
                return;
            DateTimeOffset time;
            try
            {
                time = operation.Time(value);
            }
            catch (Exception error)
            {
                OnError(error);
                return;
            }

            if (time < _watermark)
            {
                operation.Late?.OnNext(value);
                return;
            }

            _waiting.Enqueue(value, (time, _order++));
            var watermark = operation.Behind(time);
            if (watermark > _watermark)
                Release(_watermark = watermark);
        }

        public void OnError(Exception error)
        {
            if (_stopped)
                return;
            observer.OnError(error);
            Dispose();
        }

        public void OnCompleted()
        {
            Release(DateTimeOffset.MaxValue);
            if (_stopped)
                return;
            observer.OnCompleted();
            Dispose();
        }

        public void Dispose()
        {
            _stopped = true;
            _upstream.Dispose();
            _waiting.Clear();
        }

        /// <summary>
        /// Gives on what the watermark has reached, each event at its own time, after the timers before it.
        /// </summary>
        private void Release(DateTimeOffset watermark)
        {
            while (!_stopped && _waiting.TryPeek(out var value, out var at) && at.Time <= watermark)
            {
                _waiting.Dequeue();
                operation.Clock.Advance(at.Time);
                observer.OnNext(value);
            }

            if (!_stopped && watermark != DateTimeOffset.MaxValue)
                operation.Clock.Advance(watermark);
        }
    }

    private Func<T, DateTimeOffset> Time { get; } = time;

    private EventTimeScheduler Clock { get; } = clock;

    private IObserver<T>? Late { get; } = late;

    private DateTimeOffset Behind(DateTimeOffset time) =>
        time - DateTimeOffset.MinValue < outOfOrder ? DateTimeOffset.MinValue : time - outOfOrder;
}
