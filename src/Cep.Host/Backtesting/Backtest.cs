using System.Collections.Concurrent;
using Cep.Alerts;
using Cep.Events;
using Cep.Host.Keeping;
using Cep.Storage;
using Cep.Storage.Journal;

namespace Cep.Host.Backtesting;

/// <summary>
/// Runs rules over the events of a journal: those with times from one to another, in the order in which they came. One
/// thread reads and decodes ahead of the one that runs the rules.
/// </summary>
public sealed class Backtest
{
    private const int BatchesAhead = 16;
    private readonly RuleTexts _rules;
    private readonly BacktestOptions _options;
    private readonly Dictionary<string, BatchDecoder?> _decoders = new(StringComparer.Ordinal);

    /// <param name="rules">The rules.</param>
    /// <param name="options">What of the journal they get.</param>
    public Backtest(RuleTexts rules, BacktestOptions options)
    {
        _rules = rules;
        _options = options;
    }

    /// <summary>Called for every record that can't be read; it is left out.</summary>
    public Action<DamagedRecord>? OnDamage { get; set; }

    /// <summary>Events that the rules got.</summary>
    public long Events { get; private set; }

    /// <summary>Runs to the end of the range. Alerts of the warm-up are left out.</summary>
    /// <param name="store">The state; used by another thread meanwhile.</param>
    /// <param name="take">Takes the alerts as they come.</param>
    /// <exception cref="StoreException">The state can't be read.</exception>
    public void Run(IStoreReader store, Action<Alert> take)
    {
        ArgumentNullException.ThrowIfNull(store);
        using var engine = new Engine(_rules.Plan, new EngineOptions(_options.Workers));
        using var subscription = engine.Alerts.Subscribe(new InRange(_options, take));
        foreach (var stream in _rules.Plan.Streams.Where(s => !s.Derived))
            _decoders[stream.Schema.Name] = new BatchDecoder(stream.Schema, engine.FieldsRead(stream.Schema.Name));
        using var batches = new BlockingCollection<EventBatch>(BatchesAhead);
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(() => Read(store, batches, stop.Token), CancellationToken.None);
        try
        {
            foreach (var batch in batches.GetConsumingEnumerable())
            {
                Events += batch.Count;
                engine.Push(batch);
            }
        }
        finally
        {
            stop.Cancel();
            reading.GetAwaiter().GetResult();
        }

        // what becomes due by the end of the range belongs to it
        foreach (var stream in _rules.Plan.Streams.Where(s => !s.Derived))
            if (_options.ToMs != long.MaxValue)
                engine.Advance(stream.Schema.Name, _options.ToMs);
    }

    private void Read(IStoreReader store, BlockingCollection<EventBatch> batches, CancellationToken stop)
    {
        var fromMs = _options.FromMs == long.MinValue ? long.MinValue : _options.FromMs - _options.WarmUpMs;
        try
        {
            foreach (var record in store.ReadJournal(store.Size().FirstSequence, long.MaxValue, Leave))
            {
                if (record.Kind != RecordKind.Events || record.LastMs < fromMs || record.FirstMs >= _options.ToMs
                    || _decoders.GetValueOrDefault(record.Stream) is not { } decoder || record.Events == 0)
                    continue;
                var batch = decoder.Decode(record.Body.Span, record.FirstPosition);
                if (record.FirstMs < fromMs || record.LastMs >= _options.ToMs)
                    batch = Cut(batch, fromMs);
                if (batch.Count > 0)
                    batches.Add(batch, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // the rules' side has failed, and says so
        }
        finally
        {
            batches.CompleteAdding();
        }
    }

    private EventBatch Cut(EventBatch batch, long fromMs)
    {
        var rows = new List<int>(batch.Count);
        for (var row = 0; row < batch.Count; row++)
            if (batch.Times[row] >= fromMs && batch.Times[row] < _options.ToMs)
                rows.Add(row);
        var cut = batch.Copy([.. rows]);
        cut.ArrivalMs = batch.ArrivalMs;
        return cut;
    }

    private bool Leave(DamagedRecord damage)
    {
        OnDamage?.Invoke(damage);
        return true;
    }

    private sealed class InRange(BacktestOptions options, Action<Alert> take) : IObserver<IReadOnlyList<Alert>>
    {
        public void OnNext(IReadOnlyList<Alert> alerts)
        {
            foreach (var alert in alerts)
                if (alert.AtMs >= options.FromMs && alert.AtMs < options.ToMs)
                    take(alert);
        }

        public void OnError(Exception error) => throw error;

        public void OnCompleted()
        {
        }
    }
}
