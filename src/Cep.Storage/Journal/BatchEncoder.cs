using System.Buffers;
using System.Runtime.InteropServices;
using Cep.Events;
using Cep.State;

namespace Cep.Storage.Journal;

/// <summary>
/// Events as the bytes of a journal record: the fields' names and types, so that the record explains itself, then
/// column by column. Positions are not among them: the record says what the first one is. One thread at a time.
/// </summary>
public sealed class BatchEncoder
{
    internal const byte Version = 1;
    private readonly ByteSink _sink = new();
    private readonly DoubleBlock _doubles = new();
    private readonly StringBlock _strings = new();
    private StreamSchema? _schema;
    private byte[] _header = [];
    private long[] _longs = [];
    private double[] _numbers = [];

    /// <summary>The batch as bytes; they are the caller's.</summary>
    public byte[] Encode(EventBatch batch)
    {
        Write(batch);
        return _sink.Written.ToArray();
    }

    /// <summary>The batch as bytes, at the beginning of an array that the caller gives back to the pool.</summary>
    public ReadOnlyMemory<byte> Encode(EventBatch batch, ArrayPool<byte> pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        Write(batch);
        var bytes = pool.Rent(_sink.Length);
        _sink.Written.CopyTo(bytes);
        return bytes.AsMemory(0, _sink.Length);
    }

    private void Write(EventBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _sink.Clear();
        _sink.Byte(Version);
        WriteHeader(batch.Schema);
        _sink.Count(batch.Count);
        _sink.Long(batch.ArrivalMs);
        _sink.Count(batch.Rejected.Count);
        _sink.Count(batch.Duplicates);
        _sink.Count(batch.Shed);
        if (batch.Schema.TimeField < 0)
            LongBlock.Write(_sink, batch.Times.AsSpan(0, batch.Count));
        foreach (var column in batch.Columns)
            Write(column, batch.Count);
    }

    private void WriteHeader(StreamSchema schema)
    {
        if (!ReferenceEquals(_schema, schema))
        {
            var header = new ByteSink();
            header.Count(schema.TimeField + 1);
            header.Count(schema.Fields.Length);
            foreach (var field in schema.Fields)
            {
                header.Byte((byte)field.Type);
                header.Byte((byte)field.Element);
                header.Text(field.Name);
            }

            (_schema, _header) = (schema, header.Written.ToArray());
        }

        var part = _sink.BeginPart();
        _header.CopyTo(_sink.Take(_header.Length));
        _sink.EndPart(part);
    }

    // each column is a part, so that a reader can pass over what it does not want
    private void Write(Column? column, int rows)
    {
        var part = _sink.BeginPart();
        if (column is not null && rows > 0)
            WriteValues(column, rows);
        _sink.EndPart(part);
    }

    private void WriteValues(Column column, int rows)
    {
        var nulls = column.Nulls.AsSpan(0, column.Nulls is null ? 0 : (rows + 63) >> 6);
        var any = nulls.ContainsAnyExcept(0UL);
        _sink.Byte(any ? (byte)1 : (byte)0);
        if (any)
            MemoryMarshal.AsBytes(nulls).CopyTo(_sink.Take(nulls.Length * 8));
        switch (column.Type)
        {
            case DataType.Bool:
                MemoryMarshal.AsBytes(column.Bits.AsSpan(0, (rows + 63) >> 6)).CopyTo(_sink.Take((rows + 63) / 64 * 8));
                break;
            case DataType.Number:
                _doubles.Write(_sink, any ? Filled(column, column.Doubles, ref _numbers, rows)
                    : column.Doubles.AsSpan(0, rows));
                break;
            case DataType.String:
                _strings.Write(_sink, column, rows);
                break;
            case DataType.Any or DataType.List or DataType.Null:
                var writer = new StateWriter(_sink);
                for (var row = 0; row < rows; row++)
                    writer.Value(column.IsNull(row) ? null : column.Objects[row]);
                break;
            default:
                LongBlock.Write(_sink, any ? Filled(column, column.Longs, ref _longs, rows)
                    : column.Longs.AsSpan(0, rows));
                break;
        }
    }

    /// <summary>The values with those of null rows like their neighbours, so that they widen nothing.</summary>
    private static ReadOnlySpan<T> Filled<T>(Column column, T[] values, ref T[] scratch, int rows)
    {
        if (scratch.Length < rows)
            scratch = new T[rows];
        var first = 0;
        while (first < rows && column.IsNull(first))
            first++;
        var last = first < rows ? values[first] : default!;
        for (var row = 0; row < rows; row++)
        {
            if (!column.IsNull(row))
                last = values[row];
            scratch[row] = last;
        }

        return scratch.AsSpan(0, rows);
    }
}
