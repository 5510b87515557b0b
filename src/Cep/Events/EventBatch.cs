namespace Cep.Events;

/// <summary>
/// An input that could not become an event: it is kept, counted and told with its place and the reason.
/// </summary>
/// <param name="Stream">The stream it was meant for.</param>
/// <param name="Position">Its position in the stream, from 0.</param>
/// <param name="Line">Its line in the input, from 1, or 0 where there are no lines.</param>
/// <param name="Reason">Why it was rejected.</param>
/// <param name="Raw">The input itself, cut to a few kilobytes.</param>
public sealed record RejectedEvent(string Stream, long Position, long Line, string Reason, string Raw);

/// <summary>
/// Events of one stream in arrival order, as columns. A batch is filled by one thread and never changed after it was
/// handed on; a row is an event.
/// </summary>
public sealed class EventBatch
{
    /// <summary>
    /// The arrival stamp of batches of which it is not known when they arrived, such as a recording's.
    /// </summary>
    public const long UnknownArrival = long.MinValue;

    internal EventBatch(StreamSchema schema, Column[] columns, long[] times, long[] positions)
    {
        Schema = schema;
        Columns = columns;
        Times = times;
        Positions = positions;
    }

    public StreamSchema Schema { get; }

    /// <summary>The number of events.</summary>
    public int Count { get; internal set; }

    /// <summary>
    /// The columns, in the order of the schema's fields; those that no rule reads may be missing (null).
    /// </summary>
    public Column[] Columns { get; }

    /// <summary>The event time of each row, in milliseconds since 1970-01-01T00:00Z.</summary>
    public long[] Times { get; }

    /// <summary>The position of each row in its stream, from 0; what was rejected has a position too.</summary>
    public long[] Positions { get; }

    /// <summary>
    /// When the batch arrived, in milliseconds since 1970-01-01T00:00Z, or <see cref="UnknownArrival"/>.
    /// </summary>
    public long ArrivalMs { get; internal set; } = UnknownArrival;

    /// <summary>What decides the order of derived events with one time, or null: the order of arrival does.</summary>
    internal long[]? Ranks { get; set; }

    /// <summary>What came with these events but could not become one.</summary>
    public IReadOnlyList<RejectedEvent> Rejected { get; internal set; } = [];

    /// <summary>
    /// How many events the source left out since the last batch because it had handed them over before.
    /// </summary>
    public int Duplicates { get; set; }

    /// <summary>How many events the source let go of since the last batch because too many came.</summary>
    public int Shed { get; set; }

    /// <summary>A batch of copies of the rows, in their order.</summary>
    internal EventBatch Copy(ReadOnlySpan<int> rows)
    {
        var columns = new Column[Columns.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = new Column(Columns[i].Type, rows.Length, Columns[i].Pool);
            for (var r = 0; r < rows.Length; r++)
                columns[i].CopyRow(r, Columns[i], rows[r]);
        }

        var times = new long[rows.Length];
        var positions = new long[rows.Length];
        for (var r = 0; r < rows.Length; r++)
            (times[r], positions[r]) = (Times[rows[r]], Positions[rows[r]]);
        return new EventBatch(Schema, columns, times, positions) { Count = rows.Length };
    }
}
