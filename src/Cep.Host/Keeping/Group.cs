using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Cep.Connectors;
using Cep.Connectors.Formats;
using Cep.Events;
using Cep.Host.Running;
using Cep.Storage;

namespace Cep.Host.Keeping;

/// <summary>What goes into one commit, and what is done once it is kept. Used again and again by one thread.</summary>
internal sealed class Group
{
    private readonly Dictionary<string, long> _positions;
    private readonly List<ReadOnlyMemory<byte>> _bodies = [];
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);
    private readonly DeadLetterFile? _letters;
    private readonly TimeProvider _clock;
    private readonly Utf8Buffer _json = new();
    private long _sequence;

    public Group(EntranceStart start, DeadLetterFile? letters, TimeProvider clock)
    {
        _positions = new(start.Positions, StringComparer.Ordinal);
        _sequence = start.Sequence;
        _letters = letters;
        _clock = clock;
    }

    /// <summary>Where the bytes of events come from; they go back there once they are kept.</summary>
    public static ArrayPool<byte> Pool { get; } = ArrayPool<byte>.Create(1 << 22, 512);

    public List<StoreWrite> Writes { get; } = [];

    public List<Entry> Entries { get; } = [];

    public List<Action> Kept { get; } = [];

    public List<Note> Notes { get; } = [];

    /// <summary>The newest mark of each part of a source.</summary>
    public Dictionary<(string Source, string Part), byte[]> Marks { get; } = [];

    public bool CompletesCheckpoint { get; set; }

    /// <summary>How large the records are.</summary>
    public long Bytes { get; private set; }

    public bool IsEmpty => Writes.Count == 0 && Entries.Count == 0 && Notes.Count == 0;

    public void Clear()
    {
        Writes.Clear();
        Entries.Clear();
        Kept.Clear();
        Notes.Clear();
        Marks.Clear();
        _touched.Clear();
        CompletesCheckpoint = false;
        Bytes = 0;
        foreach (var body in _bodies)
            if (MemoryMarshal.TryGetArray(body, out var array))
                Pool.Return(array.Array!);
        _bodies.Clear();
    }

    /// <summary>From here on the events have their positions, and count.</summary>
    /// <param name="source">Where they come from.</param>
    /// <param name="arrival">The events.</param>
    /// <param name="body">The same as bytes, of <see cref="Pool"/>.</param>
    public void Add(string source, Arrival arrival, ReadOnlyMemory<byte> body)
    {
        if (body.Length > 0)
            _bodies.Add(body);
        var batch = arrival.Events;
        var stream = batch.Schema.Name;
        ref var next = ref CollectionsMarshal.GetValueRefOrAddDefault(_positions, stream, out _);
        var first = next;
        for (var row = 0; row < batch.Count; row++)
            batch.Positions[row] = next++;
        foreach (var rejected in batch.Rejected)
            Reject(rejected with { Position = next++ });
        _touched.Add(stream);
        var (firstMs, lastMs) = Span(batch);
        Append(new JournalRecord(++_sequence, RecordKind.Events, body)
        {
            Stream = stream,
            FirstPosition = first,
            Events = batch.Count,
            KeptMs = NowMs(),
            FirstMs = firstMs,
            LastMs = lastMs,
        }, batch);
        if (arrival.Mark is { } mark)
            Marks[(source, mark.Part)] = mark.Position;
        if (arrival.Kept is { } kept)
            Kept.Add(kept);
    }

    /// <summary>Adds an entry that is no arrival.</summary>
    public void Add(string kind, string stream, byte[] body) =>
        Append(new JournalRecord(++_sequence, kind, body) { Stream = stream, KeptMs = NowMs() }, null);

    /// <summary>Adds an entry from which on other rules run.</summary>
    public void Add(RuleTexts rules)
    {
        Add(RecordKind.Rules, "", Encoding.UTF8.GetBytes(rules.Name));
        Entries[^1] = Entries[^1] with { Rules = rules };
    }

    /// <summary>Adds what is kept once for all of the group; without a store nothing is.</summary>
    public void Finish(bool isKept)
    {
        if (!isKept)
        {
            Writes.Clear();
            return;
        }

        foreach (var stream in _touched)
            Writes.Add(new KeepPosition(stream, _positions[stream]));
        foreach (var (key, position) in Marks)
            Writes.Add(new KeepMark(key.Source, key.Part, position));
    }

    private static (long First, long Last) Span(EventBatch batch)
    {
        if (batch.Count == 0)
            return (0, 0);
        var (first, last) = (batch.Times[0], batch.Times[0]);
        foreach (var time in batch.Times.AsSpan(0, batch.Count))
        {
            first = Math.Min(first, time);
            last = Math.Max(last, time);
        }

        return (first, last);
    }

    private void Append(JournalRecord record, EventBatch? batch)
    {
        Writes.Add(new KeepRecord(record));
        Entries.Add(batch is null ? Entry.Of(record) : new Entry(record.Sequence, record.Kind, record.Stream)
        {
            Batch = batch,
            FirstPosition = record.FirstPosition,
        });
        Bytes += record.Body.Length;
    }

    private void Reject(RejectedEvent rejected)
    {
        _letters?.Add(rejected);
        if (_letters is not null)
            return;
        _json.Clear();
        DeadLetterJson.Write(_json, rejected);
        Writes.Add(new KeepDeadLetter(new DeadLetter(
            "rejected", rejected.Stream, rejected.Position, NowMs(), rejected.Reason, _json.Written.ToArray())));
    }

    private long NowMs() => _clock.GetUtcNow().ToUnixTimeMilliseconds();
}
