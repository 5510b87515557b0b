using System.Text;
using Cep.Connectors.Formats;
using Cep.Events;
using Cep.Host.Deployments;
using Cep.Host.Notifying;
using Cep.Host.Rules;
using Cep.Host.Running;
using Cep.Storage;

namespace Cep.Host.Keeping;

/// <summary>
/// Brings an engine to where the last run ended: the newest checkpoint that is whole, then the journal after it. Alerts
/// that come up on the way and were not kept are kept now; those that were are left as they are. One thread, before
/// anything else runs.
/// </summary>
internal sealed class Recovery
{
    private const int AlertsAtATime = 1000;
    private readonly IStore _store;
    private readonly RuleTexts _rules;
    private readonly Deployment _deployment;
    private readonly TimeProvider _clock;
    private readonly Action<string> _log;
    private readonly List<StoreWrite> _writes = [];
    private long _replayed;
    private long _raised;
    private long _known;
    private Playback? _playback;

    public Recovery(
        IStore store, RuleTexts rules, Deployment deployment, TimeProvider clock, Action<string> log)
    {
        _store = store;
        _rules = rules;
        _deployment = deployment;
        Notifier = new Notifier(
            deployment, SinkStart.RulesThatResolve(() => _playback?.Rules.Plan ?? rules.Plan));
        _clock = clock;
        _log = log;
    }

    /// <summary>Decides what goes out, from where it was.</summary>
    public Notifier Notifier { get; }

    /// <returns>The engine, as it was when the last entry had been applied.</returns>
    /// <exception cref="StoreException">The journal is damaged, and the deployment does not say to go on.</exception>
    public Playback Run()
    {
        if (_store.LostTail is { } lost)
            _log($"state: the log was damaged: records from {lost.Sequence} on are gone ({lost.Reason})");
        var last = _store.Size().LastSequence;
        if (last == 0)
            return Begin();
        var playback = FromCheckpoint() ?? FromJournal();
        _playback = playback;
        playback = ReplayTail(playback);
        playback.Sequence = last;
        _log($"state: at record {playback.Sequence}, {_replayed} replayed, {_raised} alerts raised again, "
                + $"{_known} of them known");
        return playback.Rules.Name == _rules.Name ? playback : Change(playback);
    }

    private Playback Begin()
    {
        KeepRules(1);
        return _playback = new Playback(_rules, _deployment.Workers) { Sequence = 1 };
    }

    private Playback? FromCheckpoint()
    {
        foreach (var checkpoint in _store.Checkpoints())
        {
            var engine = _store.Section(checkpoint, Playback.EngineSection);
            var idle = _store.Section(checkpoint, Playback.IdleSection);
            if (engine is null || idle is null)
            {
                _log($"state: checkpoint {checkpoint.Id} is damaged: trying the one before");
                continue;
            }

            if (RulesOf(checkpoint.Rules) is not { } rules)
                continue;
            var playback = new Playback(rules, _deployment.Workers);
            try
            {
                playback.Load(checkpoint.Sequence, engine, idle);
                LoadNotifier(checkpoint);
                return playback;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // written by a program that keeps its state in another way: the journal gives it back
                playback.Dispose();
                _log($"state: checkpoint {checkpoint.Id} can't be read: {e.Message}");
            }
        }

        return null;
    }

    private void LoadNotifier(CheckpointInfo checkpoint)
    {
        if (_store.Section(checkpoint, Notifier.StateSection) is not { } state)
            return;
        try
        {
            var now = _clock.GetUtcNow();
            var notifications = new List<Notification>();
            Notifier.Load(state, now, notifications);
            foreach (var outgoing in Outgoing.Of(notifications))
                _writes.Add(Outbox.Stored(outgoing, 0, now.ToUnixTimeMilliseconds()));
        }
        catch (InvalidDataException e)
        {
            _log($"state: what was grouped, silenced or told of alerts can't be read: {e.Message}");
        }
    }

    /// <summary>From the first record that is left; where it is not the very first, earlier state is missing.</summary>
    private Playback FromJournal()
    {
        var first = _store.Size().FirstSequence;
        var rules = _rules;
        foreach (var record in _store.ReadJournal(first, first, OnDamage))
            if (Playback.RulesOf(Entry.Of(record)) is { } name)
                rules = RulesOf(name) ?? _rules;
        if (first > 1)
            _log($"state: no checkpoint can be used: starting from what is left of the journal, record {first} on");
        return new Playback(rules, _deployment.Workers) { Sequence = first - 1 };
    }

    private Playback ReplayTail(Playback playback)
    {
        foreach (var record in _store.ReadJournal(playback.Sequence + 1, long.MaxValue, OnDamage))
        {
            var entry = Entry.Of(record);
            _replayed++;
            if (Playback.RulesOf(entry) is { } name && name != playback.Rules.Name)
            {
                Flush();
                playback = Change(playback, RulesOf(name) ?? _rules, entry.Sequence);
                continue;
            }

            Apply(playback, entry, Notifier);
            Take(playback);
        }

        Flush();
        return playback;
    }

    private void Apply(Playback playback, Entry entry, Notifier? notifier = null)
    {
        try
        {
            playback.Apply(entry);
            if (entry.Kind == RecordKind.Decision)
                notifier?.Apply(Decision.Decode(entry.Body.Span), _clock.GetUtcNow());
        }
        catch (InvalidDataException e)
        {
            if (!OnDamage(new DamagedRecord(entry.Sequence, e.Message)))
                throw new StoreException($"record {entry.Sequence} of the journal can't be read: {e.Message}", e);
        }
    }

    private void Take(Playback playback)
    {
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var outgoing in Outgoing.Of(playback.Released, Notifier, _clock.GetUtcNow()))
            _writes.Add(Outbox.Stored(outgoing, playback.Sequence, now));
        foreach (var ahead in playback.Ahead)
            _writes.Add(new KeepDeadLetter(LetterOf(ahead, now)));
        _raised += playback.Released.Count;
        playback.Released.Clear();
        playback.Ahead.Clear();
        if (_writes.Count >= AlertsAtATime)
            Flush();
    }

    public static DeadLetter LetterOf(AheadEvent ahead, long nowMs)
    {
        var json = new Utf8Buffer();
        DeadLetterJson.Write(json, ahead);
        return new DeadLetter(
            "ahead", ahead.Batch.Schema.Name, ahead.Batch.Positions[ahead.Row], nowMs, "too far ahead of its arrival",
            json.Written.ToArray());
    }

    private void Flush()
    {
        if (_writes.Count == 0)
            return;
        var known = _store.Commit(_writes);
        _known += known.Count;
        var raised = _writes.OfType<KeepAlert>().ToLookup(a => a.Alert.Id, a => a.Alert, StringComparer.Ordinal);
        foreach (var id in known)
            if (_store.Alert(id) is { } kept && !kept.Body.Span.SequenceEqual(raised[id].First().Body.Span))
                _log($"state: alert {id} was raised again with other contents: what was kept first stands");
        _writes.Clear();
    }

    /// <summary>The rules are others now: from here on they run.</summary>
    private Playback Change(Playback playback)
    {
        _log($"state: the rules have changed: {_rules.ChangesSince(playback.Rules)}");
        var sequence = playback.Sequence + 1;
        KeepRules(sequence);
        return Change(playback, _rules, sequence);
    }

    private Playback Change(Playback playback, RuleTexts rules, long sequence)
    {
        var began = _clock.GetTimestamp();
        var lines = RuleChangeText.Lines(playback.Rules.Plan, rules.Plan);
        var first = _store.Size().FirstSequence;
        playback.Change(rules, _store.ReadJournal(first, sequence - 1, OnDamage));
        playback.Sequence = sequence;
        foreach (var line in lines)
            _log($"state: {line}");
        _log($"state: rules changed at record {sequence}, with the journal from record {first} on, in "
            + $"{_clock.GetElapsedTime(began).TotalSeconds:0.0} s");
        return playback;
    }

    private void KeepRules(long sequence) => _store.Commit(
    [
        new KeepRules(_rules.Name, _rules.Encode()),
        new KeepRecord(new JournalRecord(sequence, RecordKind.Rules, Encoding.UTF8.GetBytes(_rules.Name))
        {
            KeptMs = _clock.GetUtcNow().ToUnixTimeMilliseconds(),
        }),
    ]);

    private RuleTexts? RulesOf(string name)
    {
        if (name == _rules.Name)
            return _rules;
        var rules = _store.Rules(name) is { } texts ? RuleTexts.Decode(texts) : null;
        if (rules is null)
            _log($"state: the rules that ran before ({name}) can't be compiled any more");
        return rules;
    }

    private bool OnDamage(DamagedRecord damage)
    {
        _log($"state: record {damage.Sequence} of the journal is damaged: {damage.Reason}"
            + (_deployment.State!.SkipDamaged ? "; left out" : "; 'engine: {damaged: skip}' goes on without it"));
        return _deployment.State.SkipDamaged;
    }
}
