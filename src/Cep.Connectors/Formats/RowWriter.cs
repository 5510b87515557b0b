using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>The row being filled: which fields have come, and how it ends.</summary>
internal sealed class RowWriter(EventBatchBuilder builder, long untilMs)
{
    private readonly long[] _stamps = new long[builder.Schema.Fields.Length];
    private readonly int _timeField = builder.Schema.TimeField;
    private long _serial;
    private int _taken;

    public StreamSchema Schema => builder.Schema;

    /// <summary>Where the input that is read now is from, for people; null where its line says that.</summary>
    public Func<string>? Place { get; set; }

    public int Rejected { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin()
    {
        _serial++;
        _taken = 0;
    }

    /// <summary>Begins the row again after a part of it was set.</summary>
    public void Restart()
    {
        builder.Undo();
        Begin();
    }

    /// <summary>Announces a value for a field; an earlier one of this row is forgotten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Take(int field)
    {
        if (_stamps[field] == _serial)
        {
            Forget(field);
            return;
        }

        _stamps[field] = _serial;
        _taken++;
    }

    /// <summary>The column of a field, or null where it is not wanted.</summary>
    public Column? ColumnOf(int field) => builder.Columns[field];

    public int Row => builder.Count;

    public void SetNull(Column column)
    {
        var row = builder.Count;
        column.SetNull(row);

        // a row that was given up may have left its value here, and null rows must be zero
        if (column.IsLong)
            column.Longs[row] = 0;
        else if (column.Type == DataType.Number)
            column.Doubles[row] = 0;
        else if (column.Type == DataType.String)
            column.Codes[row] = 0;
        else if (column.Objects.Length > 0)
            column.Objects[row] = null;
    }

    /// <summary>Ends the row; false, and the row stays open, where its time is missing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool End(long? arrivalMs)
    {
        if (_taken != _stamps.Length)
            SetMissing();
        var time = _timeField >= 0 ? builder.Columns[_timeField].Longs[builder.Count] : arrivalMs ?? builder.Position;
        if (time < untilMs)
            return builder.Commit(time);
        builder.Undo();
        builder.Position++;
        return true;
    }

    /// <summary>Rejects a line, or a message where there are no lines, and says where it is.</summary>
    public void RejectPlaced(string reason, ReadOnlySpan<byte> raw, long line)
    {
        if (Place is null)
            Reject(string.Create(CultureInfo.InvariantCulture, $"line {line}: {reason}"), raw, line);
        else
            Reject($"{Place()}: {reason}", raw, 0);
    }

    public void Reject(string reason, ReadOnlySpan<byte> raw, long line)
    {
        var kept = raw[..Math.Min(raw.Length, DecoderOptions.RawLimitBytes)];
        builder.Reject(reason, Encoding.UTF8.GetString(kept), line);
        Rejected++;
    }

    public EventBatch Build(long? arrivalMs)
    {
        Rejected = 0;
        return builder.Build(arrivalMs ?? EventBatch.UnknownArrival);
    }

    private void SetMissing()
    {
        for (var field = 0; field < _stamps.Length; field++)
            if (_stamps[field] != _serial && builder.Columns[field] is { } column)
                SetNull(column);
    }

    private void Forget(int field)
    {
        if (builder.Columns[field] is not { } column)
            return;
        var row = builder.Count;
        if (column.Nulls is not null)
            column.Nulls[row >> 6] &= ~(1UL << row);
        if (column.Type == DataType.Bool)
            column.Bits[row >> 6] &= ~(1UL << row);
    }
}
