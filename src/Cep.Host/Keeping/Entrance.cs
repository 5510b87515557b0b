using System.Collections.Concurrent;
using System.Threading.Channels;
using Cep.Connectors;
using Cep.Host.Running;
using Cep.Plans;
using Cep.Storage;
using Cep.Storage.Journal;

namespace Cep.Host.Keeping;

/// <summary>
/// The one place where events enter. A loop takes whatever waits, gives events their positions and entries their order,
/// keeps all of it in one commit, tells the sources, and hands the entries on to the engine. It waits for nobody but
/// the store: what others want kept is taken also while the engine is behind.
/// </summary>
internal sealed class Entrance
{
    private const int ArrivalsWaiting = 256;
    private const int NotesWaiting = 1024;
    private const int EntriesAhead = 256;
    private const int GroupBytes = 8 << 20;
    private const int PiecesAtATime = 4;
    private static readonly TimeSpan LookAround = TimeSpan.FromSeconds(1);

    [ThreadStatic]
    private static BatchEncoder? s_encoder;

    private readonly IStore? _store;
    private readonly IdleWatch _idle;
    private readonly TimeProvider _clock;
    private readonly Channel<Offer> _arrivals = Channel.CreateBounded<Offer>(ArrivalsWaiting);
    private readonly Channel<Note> _notes = Channel.CreateBounded<Note>(NotesWaiting);
    private readonly Channel<Entry> _entries = Channel.CreateUnbounded<Entry>();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly ConcurrentDictionary<(string Source, string Part), byte[]> _marks;
    private readonly Group _group;
    private readonly Queue<IEnumerator<StoreWrite>> _background = new();
    private CheckpointNote? _checkpoint;
    private Task<bool>? _woken;
    private int _ahead;
    private long _otherWrites;
    private long _lookedAround;
    private volatile bool _closing;

    private readonly record struct Offer(string Source, Arrival Arrival, ReadOnlyMemory<byte> Body);

    /// <param name="store">Where entries are kept; null: nowhere.</param>
    /// <param name="plan">The streams that are watched for silence.</param>
    /// <param name="start">Where the entries go on.</param>
    /// <param name="letters">Takes what could not become an event.</param>
    /// <param name="clock">Stamps what is kept, and measures silence.</param>
    public Entrance(IStore? store, EnginePlan plan, EntranceStart start, DeadLetterFile? letters, TimeProvider clock)
    {
        _store = store;
        _clock = clock;
        _idle = new IdleWatch(plan, clock);
        _marks = new(start.Marks);
        _group = new Group(start, letters, clock);
        _otherWrites = store?.OtherWrites() ?? 0;
    }

    /// <summary>What the engine is to be told, in order. Call <see cref="Taken"/> for each when it was.</summary>
    public ChannelReader<Entry> Entries => _entries.Reader;

    /// <summary>Arrivals that wait to be kept, at most <see cref="ArrivalsWaiting"/>: then sources wait.</summary>
    public int Waiting => _arrivals.Reader.Count;

    /// <summary>Entries that the engine has not been told yet.</summary>
    public int Ahead => Volatile.Read(ref _ahead);

    /// <summary>Counts what is committed.</summary>
    public JournalMeter Meter { get; } = new();

    /// <summary>Why nothing can be kept any more, or null.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Called when another process has written to the store.</summary>
    public Action? OthersWrote { get; set; }

    /// <summary>Called with the store when a checkpoint has been completed.</summary>
    public Func<IStore, IEnumerable<StoreWrite>>? CheckpointKept { get; set; }

    public Intake IntakeOf(ISource source)
    {
        // what a source has read is still accepted while it stops
        return new Intake(
            (arrival, _) => AcceptAsync(source.Name, arrival), part => _marks.GetValueOrDefault((source.Name, part)));
    }

    /// <summary>Keeps something; waits while too much does. The task tells when, and which alerts were known.</summary>
    public async ValueTask<Task<IReadOnlyList<string>>> KeepAsync(IReadOnlyList<StoreWrite> writes)
    {
        var note = new WriteNote(writes);
        await AddAsync(note);
        return note.Kept;
    }

    /// <summary>Adds an entry that is no arrival; done when it is kept.</summary>
    public async Task TellAsync(string kind, byte[] body)
    {
        var note = new EntryNote(kind, body);
        await AddAsync(note);
        await note.Kept;
    }

    /// <summary>Asks the store something.</summary>
    public async Task<T> AskAsync<T>(Func<IStore, T> ask)
    {
        var note = new ReadNote<T>(ask);
        await AddAsync(note);
        return await note.Answer;
    }

    /// <summary>Keeps a checkpoint, in the background; the task is done when it counts.</summary>
    public async Task KeepAsync(Checkpoint checkpoint)
    {
        var note = new CheckpointNote(checkpoint);
        await AddAsync(note);
        await note.Complete;
    }

    /// <summary>Lets other rules run from an entry of their own on; the task is done when it is kept.</summary>
    public async Task ChangeAsync(RuleTexts rules)
    {
        var note = new RulesNote(rules);
        await AddAsync(note);
        await note.Kept;
    }

    /// <summary>An entry has been applied: there is room for another.</summary>
    public void Taken()
    {
        if (Interlocked.Decrement(ref _ahead) == EntriesAhead / 2)
            Wake();
    }

    /// <summary>No more arrivals: the entries end after those that wait.</summary>
    public void CompleteArrivals()
    {
        _arrivals.Writer.TryComplete();
        Wake();
    }

    /// <summary>No more notes: <see cref="RunAsync"/> ends after those that wait.</summary>
    public void Complete()
    {
        _closing = true;
        Wake();
    }

    /// <exception cref="StoreException">Something could not be kept: nothing after it was.</exception>
    public async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var pause = Collect();
                if (!_group.IsEmpty)
                    Keep();
                else if (!await NextAsync(pause))
                    break;
                LookForOthers();
            }

            _notes.Writer.TryComplete();
        }
        catch (Exception e)
        {
            Fail(e);
            throw;
        }
    }

    private async ValueTask AcceptAsync(string source, Arrival arrival)
    {
        // on the source's thread: several sources encode side by side
        var body = _store is null ? default : (s_encoder ??= new BatchEncoder()).Encode(arrival.Events, Group.Pool);
        await _arrivals.Writer.WriteAsync(new Offer(source, arrival, body));
        Wake();
    }

    private async ValueTask AddAsync(Note note)
    {
        await _notes.Writer.WriteAsync(note);
        Wake();
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Waits for something to do; false where there is nothing left to come.</summary>
    private async ValueTask<bool> NextAsync(TimeSpan pause)
    {
        if (_arrivals.Reader.Completion.IsCompleted)
        {
            _entries.Writer.TryComplete();
            if (_closing && !_notes.Reader.TryPeek(out _))
                return false;
        }

        if (_wake.Reader.TryRead(out _))
            return true;
        if (_store is not null && (pause == Timeout.InfiniteTimeSpan || pause > LookAround))
            pause = LookAround;
        _woken ??= _wake.Reader.WaitToReadAsync().AsTask();
        if (pause == Timeout.InfiniteTimeSpan)
        {
            await _woken;
        }
        else
        {
            using var enough = new CancellationTokenSource();
            await Task.WhenAny(_woken, Task.Delay(pause, _clock, enough.Token));
            await enough.CancelAsync();
        }

        if (_woken.IsCompleted)
            _woken = null;
        _wake.Reader.TryRead(out _);
        return true;
    }

    private void LookForOthers()
    {
        if (_store is null || _clock.GetElapsedTime(_lookedAround) < LookAround)
            return;
        _lookedAround = _clock.GetTimestamp();
        var now = _store.OtherWrites();
        if (now == _otherWrites)
            return;
        _otherWrites = now;
        OthersWrote?.Invoke();
    }

    /// <summary>Takes what waits, as much as makes one commit.</summary>
    private TimeSpan Collect()
    {
        _group.Clear();
        while (_notes.Reader.TryRead(out var note))
        {
            _group.Notes.Add(note);
            _group.Writes.AddRange(note.Writes);
            if (note is EntryNote told)
                _group.Add(told.Kind, "", told.Body);
            if (note is RulesNote { Rules: var rules })
            {
                _group.Add(rules);
                _idle.Use(rules.Plan);
            }

            if (note is CheckpointNote checkpoint)
            {
                _checkpoint = checkpoint;
                _background.Enqueue(checkpoint.Checkpoint.Writes().GetEnumerator());
            }

            if (_group.Notes.Count >= NotesWaiting)
                break;
        }

        var room = EntriesAhead - Volatile.Read(ref _ahead);
        while (room-- > 0 && _group.Bytes < GroupBytes && _arrivals.Reader.TryRead(out var offer))
        {
            _idle.Seen(offer.Arrival.Events.Schema.Name);
            _group.Add(offer.Source, offer.Arrival, offer.Body);
        }

        // an engine that is far behind is told of silence later
        var pause = Volatile.Read(ref _ahead) < 2 * EntriesAhead ? _idle.Check(_group.Add) : LookAround;
        _group.Finish(_store is not null);
        TakePieces();
        return pause;
    }

    private void TakePieces()
    {
        for (var n = 0; n < PiecesAtATime && _background.TryPeek(out var pieces); n++)
        {
            if (!pieces.MoveNext())
            {
                pieces.Dispose();
                _background.Dequeue();
                continue;
            }

            _group.Writes.Add(pieces.Current);
            _group.CompletesCheckpoint |= pieces.Current is KeepCheckpoint;
        }
    }

    private void Keep()
    {
        var known = Commit();
        foreach (var (key, position) in _group.Marks)
            _marks[key] = position;
        foreach (var kept in _group.Kept)
            kept();
        Interlocked.Add(ref _ahead, _group.Entries.Count);
        foreach (var entry in _group.Entries)
            _entries.Writer.TryWrite(entry);
        foreach (var note in _group.Notes)
            note.Done(_store!, known);
        if (!_group.CompletesCheckpoint)
            return;
        _checkpoint!.Kept();
        if (CheckpointKept is { } after)
            _background.Enqueue(after(_store!).GetEnumerator());
    }

    private IReadOnlyList<string> Commit()
    {
        if (_store is null || _group.Writes.Count == 0)
            return [];
        var began = _clock.GetTimestamp();
        var known = _store.Commit(_group.Writes);
        Meter.Committed(_group.Entries.Count, _group.Bytes, _clock.GetElapsedTime(began));
        return known;
    }

    private void Fail(Exception failure)
    {
        Failure = failure;
        _arrivals.Writer.TryComplete(failure);
        _notes.Writer.TryComplete(failure);
        _entries.Writer.TryComplete(failure);
        foreach (var note in _group.Notes)
            note.Fail(failure);
        _checkpoint?.Fail(failure);
        while (_notes.Reader.TryRead(out var note))
            note.Fail(failure);
    }
}
