namespace Cep.Events;

/// <summary>
/// Fills event batches row by row: set the fields of the row at <see cref="Count"/>, then <see cref="Commit"/> it, or
/// <see cref="Reject"/> it. <see cref="Build"/> hands the batch over and begins the next one. One thread.
/// </summary>
public sealed class EventBatchBuilder
{
    private readonly bool[]? _wanted;
    private readonly StringPool?[] _pools;
    private EventBatch _batch;
    private List<RejectedEvent>? _rejected;
    private long _position;

    /// <param name="schema">The stream's fields.</param>
    /// <param name="capacity">The number of rows a batch has room for at first; it grows.</param>
    /// <param name="wanted">For each field whether it is read at all; null: all of them. The time field is always
    /// kept.</param>
    public EventBatchBuilder(StreamSchema schema, int capacity = 256, bool[]? wanted = null)
    {
        Schema = schema;
        _wanted = wanted;
        _pools = new StringPool?[schema.Fields.Length];
        Capacity = capacity;
        _batch = Begin();
    }

    public StreamSchema Schema { get; }

    /// <summary>The row being filled, which is the number of rows committed.</summary>
    public int Count { get; private set; }

    public int Capacity { get; private set; }

    /// <summary>The position in the stream that the next row or rejection will get.</summary>
    public long Position { get => _position; set => _position = value; }

    /// <summary>The columns of the batch being filled; null where a field is not wanted.</summary>
    public Column[] Columns => _batch.Columns;

    /// <summary>
    /// Ends the row being filled. Rows of streams without a time field get <paramref name="timeMs"/> as event time.
    /// </summary>
    /// <returns>False, and the row stays open, where the event time is null.</returns>
    public bool Commit(long timeMs = 0)
    {
        var field = Schema.TimeField;
        if (field >= 0)
        {
            var time = _batch.Columns[field];
            if (time.IsNull(Count))
                return false;
            timeMs = time.Longs[Count];
        }

        _batch.Times[Count] = timeMs;
        _batch.Positions[Count] = _position++;
        if (++Count == Capacity)
            Grow();
        return true;
    }

    /// <summary>Drops the row being filled and keeps what it was made from as a rejected event.</summary>
    public void Reject(string reason, string raw, long line = 0)
    {
        Undo();
        (_rejected ??= []).Add(new RejectedEvent(Schema.Name, _position++, line, reason, raw));
    }

    /// <summary>Clears what was set of the row being filled.</summary>
    public void Undo()
    {
        foreach (var column in _batch.Columns)
        {
            if (column is null)
                continue;
            if (column.Nulls is not null)
                column.Nulls[Count >> 6] &= ~(1UL << Count);
            if (column.Type == DataType.Bool)
                column.Bits[Count >> 6] &= ~(1UL << Count);
        }
    }

    /// <summary>The batch of the rows committed so far; the builder goes on with an empty one.</summary>
    public EventBatch Build(long arrivalMs = EventBatch.UnknownArrival)
    {
        var batch = _batch;
        batch.Count = Count;
        batch.ArrivalMs = arrivalMs;
        batch.Rejected = _rejected ?? (IReadOnlyList<RejectedEvent>)[];
        _rejected = null;
        _batch = Begin();
        Count = 0;
        return batch;
    }

    private EventBatch Begin()
    {
        var columns = new Column[Schema.Fields.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            if (_wanted is not null && !_wanted[i] && i != Schema.TimeField)
                continue;
            var type = Schema.Fields[i].Type;
            if (type == DataType.String && _pools[i] is not { IsFull: false })
                _pools[i] = new StringPool();
            columns[i] = new Column(type, Capacity, _pools[i]);
        }

        return new EventBatch(Schema, columns, new long[Capacity], new long[Capacity]);
    }

    private void Grow()
    {
        Capacity *= 2;
        var times = _batch.Times;
        var positions = _batch.Positions;
        Array.Resize(ref times, Capacity);
        Array.Resize(ref positions, Capacity);
        foreach (var column in _batch.Columns)
            column?.Resize(Capacity);
        _batch = new EventBatch(Schema, _batch.Columns, times, positions);
    }
}
