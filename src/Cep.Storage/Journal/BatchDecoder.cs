using System.Runtime.InteropServices;
using Cep.Events;
using Cep.State;

namespace Cep.Storage.Journal;

/// <summary>
/// Makes batches of a stream of what <see cref="BatchEncoder"/> wrote, also where the stream had other fields then:
/// they are taken by name and type, and those it did not have are null. One thread.
/// </summary>
public sealed class BatchDecoder
{
    private readonly StreamSchema _schema;
    private readonly bool[]? _wanted;
    private readonly StringPool?[] _pools;
    private readonly DoubleBlock _doubles = new();
    private readonly StringBlock _strings = new();
    private byte[] _header = [];
    private int[] _targets = [];
    private bool _hadTime;

    /// <param name="schema">The stream as it is declared now.</param>
    /// <param name="wanted">For each field whether it is read at all; null: all. The time field always is.</param>
    public BatchDecoder(StreamSchema schema, bool[]? wanted = null)
    {
        _schema = schema;
        _wanted = wanted;
        _pools = new StringPool?[schema.Fields.Length];
    }

    /// <param name="body">The record's body.</param>
    /// <param name="firstPosition">The position of the first event; those rejected follow the last one.</param>
    /// <exception cref="InvalidDataException">The bytes are no batch, or one of a newer version.</exception>
    public EventBatch Decode(ReadOnlySpan<byte> body, long firstPosition)
    {
        try
        {
            return Read(body, firstPosition);
        }
        catch (Exception e) when (e is IndexOutOfRangeException or OverflowException or ArgumentException)
        {
            throw new InvalidDataException("The record's columns are damaged.", e);
        }
    }

    private EventBatch Read(ReadOnlySpan<byte> body, long firstPosition)
    {
        var source = new ByteSource(body);
        var version = source.Byte();
        if (version != BatchEncoder.Version)
            throw new InvalidDataException(
                $"The record is of version {version}; this program reads version {BatchEncoder.Version}.");
        UseHeader(source.Part());
        var rows = source.Count();
        var arrival = source.Long();
        var (rejected, duplicates, shed) = (source.Count(), source.Count(), source.Count());
        var times = new long[rows];
        if (!_hadTime)
            LongBlock.Read(ref source, times);
        else if (_schema.TimeField < 0)
            Array.Fill(times, arrival);
        var columns = new Column[_schema.Fields.Length];
        foreach (var target in _targets)
        {
            var part = source.Part();
            if (target >= 0 && part.Length > 0)
                columns[target] = ReadColumn(part, target, rows);
        }

        Complete(columns, rows);
        if (_schema.TimeField >= 0)
            times = columns[_schema.TimeField].Longs;
        var positions = new long[rows];
        for (var row = 0; row < rows; row++)
            positions[row] = firstPosition + row;
        return new EventBatch(_schema, columns, times, positions)
        {
            Count = rows,
            ArrivalMs = arrival,
            Rejected = rejected > 0 ? new CountedRejections(_schema.Name, firstPosition + rows, rejected) : [],
            Duplicates = duplicates,
            Shed = shed,
        };
    }

    /// <summary>Finds the fields written among those declared; most records have the same as the one before.</summary>
    private void UseHeader(ReadOnlySpan<byte> header)
    {
        if (header.SequenceEqual(_header))
            return;
        var source = new ByteSource(header);
        var timeField = source.Count() - 1;
        var targets = new int[source.Count()];
        for (var i = 0; i < targets.Length; i++)
        {
            var (type, element, name) = ((DataType)source.Byte(), (DataType)source.Byte(), source.Text());
            var target = _schema.IndexOf(name);
            var isSame = target >= 0 && _schema.Fields[target].Type == type
                && (type != DataType.List || _schema.Fields[target].Element == element);
            var isWanted = isSame && (_wanted is null || _wanted[target] || target == _schema.TimeField);
            targets[i] = isWanted ? target : -1;
        }

        if (_schema.TimeField >= 0 && Array.IndexOf(targets, _schema.TimeField) < 0)
            throw new InvalidDataException(
                $"The events of '{_schema.Name}' have no '{_schema.Fields[_schema.TimeField].Name}', which is their "
                + "time now.");
        (_header, _targets, _hadTime) = (header.ToArray(), targets, timeField >= 0);
    }

    /// <summary>Fields that are wanted and were not written are null.</summary>
    private void Complete(Column[] columns, int rows)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i] is not null || (_wanted is not null && !_wanted[i] && i != _schema.TimeField))
                continue;
            var type = _schema.Fields[i].Type;
            columns[i] = new Column(type, rows, type == DataType.String ? Pool(i) : null);
            for (var row = 0; row < rows; row++)
                columns[i].SetNull(row);
        }
    }

    private StringPool Pool(int field) =>
        _pools[field] is { IsFull: false } pool ? pool : _pools[field] = new StringPool();

    private Column ReadColumn(ReadOnlySpan<byte> part, int target, int rows)
    {
        var type = _schema.Fields[target].Type;
        var source = new ByteSource(part);
        var column = new Column(type, rows, type == DataType.String ? Pool(target) : null);
        var words = (rows + 63) >> 6;
        if (source.Byte() != 0)
            column.Nulls = MemoryMarshal.Cast<byte, ulong>(source.Take(words * 8)).ToArray();
        switch (type)
        {
            case DataType.Bool:
                source.Take(words * 8).CopyTo(MemoryMarshal.AsBytes(column.Bits.AsSpan()));
                break;
            case DataType.Number:
                _doubles.Read(ref source, column.Doubles);
                break;
            case DataType.String:
                _strings.Read(ref source, column.Pool, column.Codes);
                break;
            case DataType.Any or DataType.List or DataType.Null:
                var reader = new StateReader(source.Take(source.Left).ToArray());
                for (var row = 0; row < rows; row++)
                    column.Objects[row] = reader.Value();
                break;
            default:
                LongBlock.Read(ref source, column.Longs);
                break;
        }

        if (column.Nulls is not null)
            ZeroNulls(column, rows);
        return column;
    }

    private static void ZeroNulls(Column column, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            if (!column.IsNull(row))
                continue;
            if (column.Type == DataType.Number)
                column.Doubles[row] = 0;
            else if (column.Type == DataType.String)
                column.Codes[row] = 0;
            else if (column.IsLong)
                column.Longs[row] = 0;
        }
    }
}
