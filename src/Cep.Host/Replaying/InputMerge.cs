using Cep.Connectors.Files;
using Cep.Connectors.Formats;
using Cep.Events;

namespace Cep.Host.Replaying;

/// <summary>
/// Several recorded inputs as one: always the batch that begins first, so that streams stay together in event time
/// whatever the files' sizes, and in the same order in every run.
/// </summary>
internal sealed class InputMerge : IDisposable
{
    private readonly List<Head> _heads = [];
    private readonly Dictionary<string, long> _positions = new(StringComparer.Ordinal);

    private readonly Queue<string> _ended = new();

    private sealed class Head(string stream, RecordedInput input)
    {
        public string Stream { get; } = stream;

        public RecordedInput Input { get; } = input;

        public EventBatch? Batch { get; set; }
    }

    public void Add(string path, StreamSchema schema, DecoderOptions options, int batchRows)
    {
        var input = RecordedInput.Open(path, schema, options, batchRows);
        _heads.Add(new Head(schema.Name, input));
    }

    /// <summary>Whether the next batch is there without waiting.</summary>
    public bool IsReady => _heads.TrueForAll(h => h.Batch is not null || h.Input.IsReady);

    /// <summary>A stream of which the last input has ended, each once; null: none.</summary>
    public string? NextEnded() => _ended.TryDequeue(out var stream) ? stream : null;

    /// <summary>The next batch, or null at the end of all inputs.</summary>
    /// <exception cref="IOException">An input could not be read to its end.</exception>
    public EventBatch? Next()
    {
        Head? first = null;
        for (var i = _heads.Count - 1; i >= 0; i--)
        {
            var head = _heads[i];
            head.Batch ??= head.Input.Next();
            if (head.Batch is null)
                Remove(i, ref first);
            else if (first is null || Time(head.Batch) <= Time(first.Batch!))
                first = head;
        }

        var batch = first?.Batch;
        if (batch is null)
            return null;
        first!.Batch = null;
        Renumber(batch);
        return batch;
    }

    public void Dispose()
    {
        foreach (var head in _heads)
            head.Input.Dispose();
    }

    // without a time field the files of a stream follow each other: nothing says how they interleave
    private static long Time(EventBatch batch) =>
        batch.Count == 0 || batch.Schema.TimeField < 0 ? long.MinValue : batch.Times[0];

    private void Remove(int index, ref Head? first)
    {
        if (ReferenceEquals(first, _heads[index]))
            first = null;
        var stream = _heads[index].Stream;
        _heads[index].Input.Dispose();
        _heads.RemoveAt(index);
        if (!_heads.Exists(h => h.Stream == stream))
            _ended.Enqueue(stream);
    }

    // files of one stream count their positions each by itself
    private void Renumber(EventBatch batch)
    {
        var stream = batch.Schema.Name;
        var begin = _positions.GetValueOrDefault(stream);
        var rejected = batch.Rejected;
        var first = Math.Min(
            batch.Count > 0 ? batch.Positions[0] : long.MaxValue,
            rejected.Count > 0 ? rejected[0].Position : long.MaxValue);
        var last = Math.Max(
            batch.Count > 0 ? batch.Positions[batch.Count - 1] : -1, rejected.Count > 0 ? rejected[^1].Position : -1);
        if (first < begin)
            Shift(batch, begin - first);
        _positions[stream] = Math.Max(begin, first < begin ? last + begin - first + 1 : last + 1);
    }

    private static void Shift(EventBatch batch, long by)
    {
        for (var row = 0; row < batch.Count; row++)
        {
            batch.Positions[row] += by;
            if (batch.Schema.TimeField < 0)
                batch.Times[row] = batch.Positions[row];
        }
    }
}
