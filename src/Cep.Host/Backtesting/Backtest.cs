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
        using var playback = new Playback(_rules, _options.Workers);
        foreach (var stream in Streams)
            _decoders[stream] = new BatchDecoder(Schema(stream), playback.Engine.FieldsRead(stream));
        using var entries = new BlockingCollection<Entry>(BatchesAhead);
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(() => Read(store, entries, stop.Token), CancellationToken.None);
        try
        {
            foreach (var entry in entries.GetConsumingEnumerable())
            {
                Events += entry.Batch?.Count ?? 0;
                playback.Apply(entry);
                Take(playback, take);
            }
        }
        finally
        {
            stop.Cancel();
            reading.GetAwaiter().GetResult();
        }

        // what becomes due by the end of the range belongs to it
        if (_options.ToMs != long.MaxValue)
            foreach (var stream in Streams)
                playback.Engine.Advance(stream, _options.ToMs);
        Take(playback, take);
    }

    private IEnumerable<string> Streams => _rules.Plan.Streams.Where(s => !s.Derived).Select(s => s.Schema.Name);

    private StreamSchema Schema(string stream) => _rules.Plan.Streams.First(s => s.Schema.Name == stream).Schema;

    private void Take(Playback playback, Action<Alert> take)
    {
        foreach (var alert in playback.Released)
            if (alert.AtMs >= _options.FromMs && alert.AtMs < _options.ToMs)
                take(alert);
        playback.Released.Clear();
        playback.Ahead.Clear();
    }

    private void Read(IStoreReader store, BlockingCollection<Entry> entries, CancellationToken stop)
    {
        try
        {
            foreach (var record in store.ReadJournal(store.Size().FirstSequence, long.MaxValue, Leave))
                if (EntryOf(record) is { } entry)
                    entries.Add(entry, stop);
        }
        catch (OperationCanceledException)
        {
            // the rules' side has failed, and says so
        }
        finally
        {
            entries.CompleteAdding();
        }
    }

    /// <summary>What the rules get of a record, or null.</summary>
    private Entry? EntryOf(JournalRecord record)
    {
        if (record.Kind != RecordKind.Events)
            return Entry.Of(record);
        var fromMs = _options.FromMs == long.MinValue ? long.MinValue : _options.FromMs - _options.WarmUpMs;
        if (record.LastMs < fromMs || record.FirstMs >= _options.ToMs || record.Events == 0
            || _decoders.GetValueOrDefault(record.Stream) is not { } decoder)
            return null;
        var batch = decoder.Decode(record.Body.Span, record.FirstPosition);
        if (record.FirstMs < fromMs || record.LastMs >= _options.ToMs)
            batch = Cut(batch, fromMs);
        return batch.Count > 0 ? Entry.Of(record) with { Batch = batch } : null;
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
}
