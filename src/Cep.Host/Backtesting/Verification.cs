using Cep.Alerts;
using Cep.Host.Keeping;
using Cep.Storage;
using Cep.Storage.History;

namespace Cep.Host.Backtesting;

/// <summary>An alert that a replay of the journal does not give as it was kept.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kept">The alert that was kept, or null.</param>
/// <param name="Replayed">The alert of the replay, or null.</param>
public sealed record AlertDifference(string Id, Alert? Kept, Alert? Replayed);

/// <summary>What a verification found.</summary>
/// <param name="FromSequence">The first record replayed.</param>
/// <param name="ToSequence">The last one.</param>
/// <param name="Records">Records replayed.</param>
/// <param name="Same">Alerts that are the same, byte for byte.</param>
/// <param name="Differences">Those that are not.</param>
public sealed record VerificationResult(
    long FromSequence, long ToSequence, long Records, long Same, IReadOnlyList<AlertDifference> Differences);

/// <summary>
/// Replays the journal of a deployment with the rules that ran and compares the alerts, ids and bytes, with those that
/// were kept.
/// </summary>
public sealed class Verification
{
    private const int PageRows = 1000;
    private readonly IStoreReader _store;
    private readonly Action<string> _log;
    private readonly HashSet<string> _raised = new(StringComparer.Ordinal);
    private readonly List<AlertDifference> _differences = [];
    private Playback? _playback;
    private long _keptTo;
    private long _same;
    private long _records;

    /// <param name="store">The state.</param>
    /// <param name="log">Takes lines about what can't be compared.</param>
    public Verification(IStoreReader store, Action<string> log)
    {
        _store = store;
        _log = log;
    }

    /// <param name="sinceMs">Where to begin, by the wall clock (ms since the epoch); earlier where only an earlier
    /// checkpoint is left.</param>
    /// <param name="workers">Partitions of keys that run side by side.</param>
    /// <exception cref="StoreException">The state can't be read.</exception>
    public VerificationResult Run(long sinceMs, int workers)
    {
        var size = _store.Size();
        var start = Start(sinceMs, size, workers);

        // an alert of the last records may be on its way into the store just now
        _keptTo = _store.Checkpoints() is [var newest, ..] ? newest.Sequence : 0;
        foreach (var record in _store.ReadJournal(start + 1, size.LastSequence, OnDamage))
        {
            _records++;
            Apply(Entry.Of(record), workers);
        }

        CompareKept(start, size.LastSequence);
        _playback?.Dispose();
        return new VerificationResult(start + 1, size.LastSequence, _records, _same, _differences);
    }

    /// <summary>The state to begin with; the sequence it is at.</summary>
    private long Start(long sinceMs, StoreSize size, int workers)
    {
        var usable = _store.Checkpoints().Where(c => c.Sequence + 1 >= size.FirstSequence).ToList();
        var checkpoint = usable.FirstOrDefault(c => c.KeptMs <= sinceMs);
        if (checkpoint is null && size.FirstSequence == 1)
            return 0;
        checkpoint ??= usable.LastOrDefault()
            ?? throw new StoreException("there is neither a checkpoint nor the beginning of the journal to start from");
        var rules = RulesOf(checkpoint.Rules);
        _playback = new Playback(rules, workers);
        _playback.Load(
            checkpoint.Sequence, _store.Section(checkpoint, Playback.EngineSection) ?? throw Damaged(checkpoint),
            _store.Section(checkpoint, Playback.IdleSection) ?? throw Damaged(checkpoint));
        return checkpoint.Sequence;
    }

    private void Apply(Entry entry, int workers)
    {
        if (Playback.RulesOf(entry) is { } name && name != _playback?.Rules.Name)
        {
            if (_playback is null)
                _playback = new Playback(RulesOf(name), workers);
            else
                Change(_playback, RulesOf(name), entry.Sequence);
            return;
        }

        if (_playback is null)
            throw new StoreException("the journal does not say which rules ran");
        _playback.Apply(entry);
        _playback.Ahead.Clear();
        foreach (var alert in _playback.Released)
            Compare(alert, entry.Sequence);
        _playback.Released.Clear();
    }

    private void Change(Playback playback, RuleTexts rules, long sequence)
    {
        var first = _store.Size().FirstSequence;
        if (first > 1)
            _log($"the rules changed at record {sequence}, and the journal before {first} is gone: differences after "
                + "it may come of that");
        playback.Change(rules, _store.ReadJournal(first, sequence - 1, OnDamage));
        playback.Sequence = sequence;
    }

    private void Compare(Alert alert, long sequence)
    {
        _raised.Add(alert.Id);
        if (_store.Alert(alert.Id) is not { } kept)
        {
            if (sequence <= _keptTo)
                _differences.Add(new AlertDifference(alert.Id, null, alert));
        }
        else if (kept.Body.Span.SequenceEqual(AlertCodec.Encode(alert)))
        {
            _same++;
        }
        else
        {
            _differences.Add(new AlertDifference(alert.Id, AlertCodec.Decode(kept.Body.Span), alert));
        }
    }

    private void CompareKept(long start, long to)
    {
        for (var place = 0L; ;)
        {
            var page = _store.Alerts(place, PageRows).ToList();
            foreach (var (_, kept) in page)
                if (kept.Sequence > start && kept.Sequence <= to && !_raised.Contains(kept.Id))
                    _differences.Add(new AlertDifference(kept.Id, AlertCodec.Decode(kept.Body.Span), null));
            if (page.Count < PageRows)
                return;
            place = page[^1].Place + 1;
        }
    }

    private RuleTexts RulesOf(string name) =>
        (_store.Rules(name) is { } texts ? RuleTexts.Decode(texts) : null)
            ?? throw new StoreException($"the rules that ran ({name}) can't be compiled by this program");

    private static StoreException Damaged(CheckpointInfo checkpoint) =>
        new($"checkpoint {checkpoint.Id} is damaged");

    private bool OnDamage(DamagedRecord damage)
    {
        _log($"record {damage.Sequence} of the journal is damaged: {damage.Reason}; left out");
        return true;
    }
}
