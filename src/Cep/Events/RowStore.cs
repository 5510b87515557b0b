namespace Cep.Events;

/// <summary>
/// Copies of single events (and columns computed beside them) that must outlive their batch, as columns: rows are given
/// out and taken back through a free list.
/// </summary>
internal sealed class RowStore
{
    private int[] _free = new int[16];
    private int _freeCount;
    private int _used;
    private int _capacity = 16;
    private ulong[] _live = new ulong[1];
    private readonly HashSet<StringPool> _owned = [];

    /// <param name="schema">The events' stream.</param>
    /// <param name="computed">The storage types of the computed columns that go with them.</param>
    public RowStore(StreamSchema schema, IReadOnlyList<DataType> computed)
    {
        Schema = schema;
        Columns = Array.ConvertAll(schema.Fields, f => new Column(f.Type, _capacity, new StringPool()));
        Computed = [.. computed.Select(type => new Column(type, _capacity))];
        Times = new long[_capacity];
        Positions = new long[_capacity];
    }

    public StreamSchema Schema { get; }

    public Column[] Columns { get; }

    public Column[] Computed { get; }

    public long[] Times { get; private set; }

    public long[] Positions { get; private set; }

    public int Count => _used - _freeCount;

    /// <summary>Copies a row and gives its number here.</summary>
    public int Add(EventBatch batch, int row, ReadOnlySpan<Column> computed)
    {
        var at = Take();
        Fill(at, batch, row, computed);
        return at;
    }

    /// <summary>Puts another event in the place of one that is kept.</summary>
    public void Replace(int at, EventBatch batch, int row, ReadOnlySpan<Column> computed)
    {
        ClearRow(at);
        Fill(at, batch, row, computed);
    }

    private void Fill(int at, EventBatch batch, int row, ReadOnlySpan<Column> computed)
    {
        Times[at] = batch.Times[row];
        Positions[at] = batch.Positions[row];
        for (var i = 0; i < Columns.Length; i++)
        {
            if (batch.Columns[i] is { } from)
                Copy(Columns[i], at, from, row);
            else
                Columns[i].SetNull(at);
        }

        for (var i = 0; i < Computed.Length; i++)
            Copy(Computed[i], at, computed[i], row);
    }

    /// <summary>Gives a row back.</summary>
    public void Remove(int row)
    {
        _live[row >> 6] &= ~(1UL << row);
        if (_freeCount == _free.Length)
            Array.Resize(ref _free, _freeCount * 2);
        _free[_freeCount++] = row;
        ClearRow(row);
    }

    /// <summary>The store's own arrays as a batch, valid until the next event is added.</summary>
    public EventBatch AsBatch() => new(Schema, Columns, Times, Positions) { Count = _used };

    /// <summary>A batch of copies of the rows, in their order.</summary>
    public EventBatch ToBatch(ReadOnlySpan<int> rows) => AsBatch().Copy(rows);

    public void Save(State.StateWriter writer, int row)
    {
        writer.Long(Times[row]);
        writer.Long(Positions[row]);
        foreach (var column in Columns)
            column.Save(writer, row);
        foreach (var column in Computed)
            column.Save(writer, row);
    }

    public int Load(State.StateReader reader)
    {
        var row = Take();
        Times[row] = reader.Long();
        Positions[row] = reader.Long();
        foreach (var column in Columns)
            SetLoaded(column, row, reader.Value());
        if (reader.Computed is { } places)
            LoadMoved(reader, row, places);
        else
            foreach (var column in Computed)
                SetLoaded(column, row, reader.Value());
        return row;
    }

    private void LoadMoved(State.StateReader reader, int row, int[] places)
    {
        for (var i = 0; i < Computed.Length; i++)
            if (!places.Contains(i))
                Computed[i].SetNull(row);
        foreach (var place in places)
        {
            var value = reader.Value();
            if (place >= 0)
                SetLoaded(Computed[place], row, value);
        }
    }

    private void SetLoaded(Column column, int row, object? value)
    {
        if (column.Type == DataType.String && value is string && column.Pool is { } pool && !_owned.Contains(pool))
            Own(column);
        column.SetValue(row, value);
    }

    private void Copy(Column to, int at, Column from, int row)
    {
        if (to.Type == DataType.String)
        {
            if (!ReferenceEquals(to.Pool, from.Pool))
                Adopt(to, from.Pool);
            else if (from.Nulls is null)
            {
                to.Codes[at] = from.Codes[row];
                return;
            }
        }
        else if (from.Nulls is null && to.Type == DataType.Number)
        {
            to.Doubles[at] = from.Doubles[row];
            return;
        }
        else if (from.Nulls is null && to.IsLong)
        {
            to.Longs[at] = from.Longs[row];
            return;
        }

        to.CopyRow(at, from, row);
    }

    /// <summary>
    /// Texts are kept under the codes of the pool they came with as long as all come with the same; else they move to a
    /// pool of the store's own, because a batch's pool belongs to the thread that decodes.
    /// </summary>
    private void Adopt(Column column, StringPool pool)
    {
        if (Count == 1)
            column.Pool = pool;
        else if (!_owned.Contains(column.Pool) || column.Pool.Count > 4 * _capacity + 4096)
            Own(column);
    }

    private void Own(Column column)
    {
        var old = column.Pool;
        var own = new StringPool();
        for (var row = 0; row < _used; row++)
            if ((_live[row >> 6] >> row & 1) != 0 && !column.IsNull(row) && column.Codes[row] < old.Count)
                column.Codes[row] = own.Add(old.Utf8(column.Codes[row]));
        _owned.Remove(old);
        _owned.Add(own);
        column.Pool = own;
    }

    private void ClearRow(int row)
    {
        foreach (var column in Columns)
            column.ClearRow(row);
        foreach (var column in Computed)
            column.ClearRow(row);
    }

    private int Take()
    {
        var row = _freeCount > 0 ? _free[--_freeCount] : _used++;
        if (row == _capacity)
            Grow();
        _live[row >> 6] |= 1UL << row;
        return row;
    }

    private void Grow()
    {
        _capacity *= 2;
        foreach (var column in Columns)
            column.Resize(_capacity);
        foreach (var column in Computed)
            column.Resize(_capacity);
        var (times, positions) = (Times, Positions);
        Array.Resize(ref times, _capacity);
        Array.Resize(ref positions, _capacity);
        Array.Resize(ref _live, (_capacity + 63) >> 6);
        (Times, Positions) = (times, positions);
    }
}
