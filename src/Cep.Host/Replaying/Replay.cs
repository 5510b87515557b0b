using System.Diagnostics;
using System.Runtime.InteropServices;
using Cep.Alerts;
using Cep.Connectors.Formats;
using Cep.Events;
using Cep.Plans;

namespace Cep.Host.Replaying;

/// <summary>Runs rules over recorded events: the same alerts in every run.</summary>
public sealed class Replay
{
    private const int BatchRows = 4096;
    private readonly EnginePlan _plan;
    private readonly ReplayOptions _options;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, long> _alerts = new(StringComparer.Ordinal);
    private long _events;
    private long _rejected;
    private long _startMs;
    private long _startStamp;

    /// <param name="plan">The rules.</param>
    /// <param name="options">What is replayed, and how.</param>
    /// <param name="clock">Measures how long it takes and paces what is not to run at full speed.</param>
    public Replay(EnginePlan plan, ReplayOptions options, TimeProvider clock)
    {
        _plan = plan;
        _options = options;
        _clock = clock;
    }

    /// <summary>Called for every event rejected.</summary>
    public Action<RejectedEvent>? OnRejected { get; set; }

    /// <summary>Called now and then with the events and the alerts so far.</summary>
    public Action<long, long>? OnProgress { get; set; }

    /// <summary>Runs to the end and writes the alerts, sorted by (at, rule, key, id).</summary>
    /// <exception cref="IOException">An input can't be read, or the output not be written.</exception>
    public ReplaySummary Run(Stream output, CancellationToken stop = default)
    {
        var clock = Stopwatch.StartNew();
        using var lines = new AlertPump(output);
        using var engine = new Engine(_plan, new EngineOptions(_options.Workers));
        using var subscription = engine.Alerts.Subscribe(new AlertSink(this, lines));
        using (var inputs = Open(engine))
        {
            while (inputs.Next() is { } batch)
            {
                stop.ThrowIfCancellationRequested();
                Take(batch);
                if (_options.Speed > 0)
                    Pace(batch, stop);
                engine.Push(batch);

                // rules that read several streams need not wait for one that says no more
                while (inputs.NextEnded() is { } ended)
                    engine.Advance(ended, _options.UntilMs);
                lines.Release(engine.AlertFloorMs, now: _options.Speed > 0 || !inputs.IsReady);
                OnProgress?.Invoke(_events, _alerts.Values.Sum());
            }
        }

        End(engine);
        lines.Complete();
        return new ReplaySummary(_events, _rejected, _alerts, clock.Elapsed, engine.Ledger);
    }

    private InputMerge Open(Engine engine)
    {
        var inputs = new InputMerge();
        try
        {
            foreach (var input in _options.Inputs)
            {
                var schema = _plan.Streams.First(s => s.Schema.Name == input.Stream).Schema;
                var options = new DecoderOptions(engine.FieldsRead(input.Stream), UntilMs: _options.UntilMs);
                inputs.Add(input.Path, schema, options, _options.Speed > 0 ? 1 : BatchRows);
            }

            return inputs;
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    private void End(Engine engine)
    {
        if (_options.UntilMs == long.MaxValue)
        {
            engine.Complete();
            return;
        }

        foreach (var stream in _plan.Streams.Where(s => !s.Derived))
            engine.Advance(stream.Schema.Name, _options.UntilMs);
    }

    private void Take(EventBatch batch)
    {
        _events += batch.Count + batch.Rejected.Count;
        _rejected += batch.Rejected.Count;
        foreach (var rejected in batch.Rejected)
            OnRejected?.Invoke(rejected);
    }

    private void Pace(EventBatch batch, CancellationToken stop)
    {
        if (batch.Count == 0)
            return;
        if (_startStamp == 0)
        {
            _startStamp = _clock.GetTimestamp();
            _startMs = batch.Times[0];
        }

        var due = (batch.Times[0] - _startMs) / _options.Speed;
        var wait = due - _clock.GetElapsedTime(_startStamp).TotalMilliseconds;
        if (wait >= 1)
            Task.Delay(TimeSpan.FromMilliseconds(wait), _clock, stop).GetAwaiter().GetResult();
    }

    private sealed class AlertSink(Replay replay, AlertPump lines) : IObserver<IReadOnlyList<Alert>>
    {
        public void OnNext(IReadOnlyList<Alert> alerts)
        {
            foreach (var alert in alerts)
                CollectionsMarshal.GetValueRefOrAddDefault(replay._alerts, alert.Rule, out _)++;
            lines.Add(alerts);
        }

        public void OnError(Exception error) => throw error;

        public void OnCompleted()
        {
        }
    }
}
