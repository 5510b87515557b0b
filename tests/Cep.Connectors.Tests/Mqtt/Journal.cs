using System.Threading.Channels;
using Cep.Events;
using Cep.Mqtt.Tests.Peers;

namespace Cep.Connectors.Tests.Mqtt;

/// <summary>What outlives a source: events and marks, kept together. Keeping can be put off.</summary>
internal sealed class Journal
{
    private readonly Dictionary<string, byte[]> _marks = new(StringComparer.Ordinal);
    private readonly Channel<EventBatch> _batches = Channel.CreateUnbounded<EventBatch>();
    private readonly Queue<Action> _unsaid = new();
    private readonly Lock _lock = new();
    private EventBatch? _batch;
    private int _row;

    /// <summary>Whether sources are told at once what is kept; else by <see cref="TellAll"/>.</summary>
    public bool Tells { get; set; } = true;

    public int Duplicates { get; private set; }

    public List<RejectedEvent> Rejected { get; } = [];

    public Intake Intake => new(AcceptAsync, MarkOf);

    public int Marks
    {
        get
        {
            lock (_lock)
                return _marks.Count;
        }
    }

    /// <summary>The next event's value of a field.</summary>
    public async Task<object?> NextAsync(string field)
    {
        while (_batch is null || _row == _batch.Count)
        {
            _batch = await _batches.Reader.ReadAsync().AsTask().WaitAsync(Collector.Limit);
            _row = 0;
        }

        return _batch.Columns[_batch.Schema.IndexOf(field)].ValueAt(_row++);
    }

    /// <summary>Waits for a rejected event or a duplicate, and how many there are by then.</summary>
    public async Task<int> CountAsync(Func<int> count, int expected)
    {
        while (true)
        {
            lock (_lock)
                if (count() >= expected)
                    return count();
            _batch = await _batches.Reader.ReadAsync().AsTask().WaitAsync(Collector.Limit);
            _row = 0;
        }
    }

    public bool HasMore => (_batch is not null && _row < _batch.Count)
        || (_batches.Reader.TryPeek(out var next) && next.Count > 0);

    public void TellAll()
    {
        lock (_lock)
            while (_unsaid.TryDequeue(out var kept))
                kept();
    }

    /// <summary>What was not said is never said: the engine died.</summary>
    public void Forget()
    {
        lock (_lock)
            _unsaid.Clear();
    }

    private ValueTask AcceptAsync(Arrival arrival, CancellationToken stop)
    {
        lock (_lock)
        {
            if (arrival.Mark is { } mark)
                _marks[mark.Part] = mark.Position;
            Duplicates += arrival.Events.Duplicates;
            Rejected.AddRange(arrival.Events.Rejected);
            if (arrival.Kept is { } kept && Tells)
                kept();
            else if (arrival.Kept is not null)
                _unsaid.Enqueue(arrival.Kept);
        }

        return _batches.Writer.WriteAsync(arrival.Events, stop);
    }

    private byte[]? MarkOf(string part)
    {
        lock (_lock)
            return _marks.GetValueOrDefault(part);
    }
}
