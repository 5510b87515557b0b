using System.Reactive.Concurrency;
using System.Reactive.Disposables;
using System.Runtime.InteropServices;

namespace Cep.Reactive;

/// <summary>
/// One subscription to an engine: feeds it, gives its results on, and wakes it when time alone brings something due.
/// Events and wake-ups may come on different threads: one lock lets them in one after the other, as the operators of
/// System.Reactive do. An observer may send events, complete or dispose while it is called.
/// </summary>
internal abstract class EngineSink<TSource, TResult>(IObserver<TResult> observer, IScheduler? clock)
    : IObserver<TSource>, IDisposable
{
    private readonly Lock _gate = new();
    private readonly SingleAssignmentDisposable _upstream = new();
    private readonly SerialDisposable _wakeUp = new();
    private readonly List<Result> _results = [];
    private long _wakeAtMs = long.MaxValue;
    private long _wakeUpId;
    private long _nowMs = long.MinValue;
    private bool _delivering;
    private bool _completed;
    private bool _released;
    private volatile bool _stopped;

    private readonly record struct Result(long AtMs, int Order, TResult Value);

    protected abstract Engine Engine { get; }

    public IDisposable Run(IObservable<TSource> source)
    {
        _upstream.Disposable = source.SubscribeSafe(this);
        return this;
    }

    public void OnNext(TSource value)
    {
        lock (_gate)
        {
            if (!_stopped && !_completed)
                Do(value, static (sink, v) => sink.Take(v));
        }

        Release();
    }

    public void OnError(Exception error)
    {
        lock (_gate)
        {
            if (!_stopped && !_completed)
                Fail(error);
        }

        Release();
    }

    public void OnCompleted()
    {
        lock (_gate)
        {
            if (!_stopped && !_completed)
                Do(0, static (sink, _) => sink.Complete());
        }

        Release();
    }

    public void Dispose()
    {
        _stopped = true;
        _upstream.Dispose();
        _wakeUp.Dispose();
        Release();
    }

    /// <summary>Gives a source value to the engine.</summary>
    protected abstract void Take(TSource value);

    /// <summary>Tells the engine what time it is, where no value does.</summary>
    protected abstract void Tick(long nowMs);

    /// <summary>The time after now at which the engine has something to do without a value, ms.</summary>
    protected abstract long NextDueMs(long nowMs);

    /// <summary>
    /// The clock of arrival in whole milliseconds. It never goes back, even where the scheduler's does.
    /// </summary>
    protected long NowMs() => _nowMs = Math.Max(_nowMs, ColumnTypes.Ms(clock!.Now));

    protected void Add(long atMs, TResult result) => _results.Add(new Result(atMs, _results.Count, result));

    private void Do<TState>(TState state, Action<EngineSink<TSource, TResult>, TState> step)
    {
        var from = _results.Count;
        try
        {
            step(this, state);
        }
        catch (Exception error)
        {
            Fail(error);
            return;
        }

        Sort(from);
        Deliver();
        Arm();
    }

    private void Complete()
    {
        _completed = true;
        Engine.Complete();
    }

    private void WakeUp(long id)
    {
        lock (_gate)
        {
            if (_stopped || _completed || id != _wakeUpId)
                return;
            _wakeAtMs = long.MaxValue;
            Do(0, static (sink, _) => sink.Tick(sink.NowMs()));
        }

        Release();
    }

    /// <summary>
    /// Brings what one step found into the order of time, for keys and windows are looked at one by one.
    /// </summary>
    private void Sort(int from)
    {
        if (_results.Count - from > 1)
            CollectionsMarshal.AsSpan(_results)[from..].Sort(static (a, b) =>
                a.AtMs != b.AtMs ? a.AtMs.CompareTo(b.AtMs) : a.Order.CompareTo(b.Order));
    }

    /// <summary>
    /// Gives results on; what the observer causes meanwhile is given on by the call that is under way.
    /// </summary>
    private void Deliver()
    {
        if (_delivering)
            return;
        _delivering = true;
        try
        {
            for (var i = 0; i < _results.Count && !_stopped; i++)
                observer.OnNext(_results[i].Value);
            _results.Clear();
            if (!_completed || _stopped)
                return;
            observer.OnCompleted();
            Dispose();
        }
        finally
        {
            _delivering = false;
        }
    }

    private void Fail(Exception error)
    {
        if (_stopped)
            return;
        _stopped = true;
        observer.OnError(error);
        Dispose();
    }

    /// <summary>
    /// Keeps one wake-up, for the earliest time. A later one is left as it is: it wakes in time, or finds nothing to do
    /// and is set anew.
    /// </summary>
    private void Arm()
    {
        if (clock is null || _stopped || _completed)
            return;
        var due = NextDueMs(NowMs());
        if (due >= _wakeAtMs || !EventTime.Has(due))
            return;
        _wakeAtMs = due;

        // a scheduler may run it before it returns, and that sets the next one
        var wakeUp = new SingleAssignmentDisposable();
        _wakeUp.Disposable = wakeUp;
        wakeUp.Disposable = clock.Schedule((Sink: this, Id: ++_wakeUpId), EventTime.Of(due), static (_, state) =>
        {
            state.Sink.WakeUp(state.Id);
            return Disposable.Empty;
        });
    }

    /// <summary>
    /// Lets go of the engine once all is over. Whoever holds the lock does it when he leaves: nobody who disposes
    /// must wait for an observer.
    /// </summary>
    private void Release()
    {
        if (!_stopped || !_gate.TryEnter())
            return;
        try
        {
            if (_released || _delivering)
                return;
            _released = true;
            Engine.Dispose();
        }
        finally
        {
            _gate.Exit();
        }
    }
}
