using System.Globalization;
using System.Text;
using System.Text.Json;
using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>Converts the texts of CSV into the types of fields.</summary>
internal sealed unsafe class CsvValues(RowWriter row, EventBatchBuilder builder)
{
    /// <summary>The input that the texts are in.</summary>
    public byte* Input { get; set; }

    /// <summary>Sets a field of the row from a text that a byte which is no part of a number follows.</summary>
    /// <param name="field">The field.</param>
    /// <param name="text">The text.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="moved">Whether the text is not in <see cref="Input"/>.</param>
    /// <returns>Null, or what is wrong.</returns>
    public string? Set(int field, byte* text, int length, bool moved = false)
    {
        row.Take(field);
        var column = builder.Columns[field];
        if (length == 0)
        {
            if (column is not null)
                row.SetNull(column);
            return null;
        }

        var schema = row.Schema.Fields[field];
        var done = schema.Type switch
        {
            DataType.String => String(column, text, length, moved),
            DataType.Number => Number(column, text, length),
            DataType.Integer or DataType.Timestamp or DataType.Duration => Whole(schema.Type, column, text, length),
            DataType.Bool => Bool(column, new ReadOnlySpan<byte>(text, length)),
            DataType.List => List(schema, column, new ReadOnlySpan<byte>(text, length)),
            _ => Any(column, text, length),
        };
        if (done)
            return null;
        var shown = JsonValues.Cut(Encoding.UTF8.GetString(text, length));
        return $"field '{schema.Name}' must be {JsonValues.NameOf(schema.Type)}, but is \"{shown}\"";
    }

    private bool String(Column? column, byte* text, int length, bool moved)
    {
        if (column is not null)
            column.Codes[row.Row] = moved
                ? column.Pool.Add(new ReadOnlySpan<byte>(text, length))
                : StringCache.Defer(column.Pool, Input, text, length);
        return true;
    }

    private bool Number(Column? column, byte* text, int length)
    {
        if (!TryNumber(text, length, out var value))
            return false;
        if (column is not null)
            column.Doubles[row.Row] = value;
        return true;
    }

    private bool Whole(DataType type, Column? column, byte* text, int length)
    {
        var bytes = new ReadOnlySpan<byte>(text, length).Trim((byte)' ');
        var isNumber = JsonNumber.PlainInt64(text, out var value) == text + length
            || (JsonNumber.Double(text, out _) == text + length && JsonNumber.TryInt64(bytes, out value));
        if (!isNumber && !TryText(type, bytes, out value))
            return false;
        if (type == DataType.Timestamp && value is < IsoTime.MinMs or > IsoTime.MaxMs)
            return false;
        if (column is not null)
            column.Longs[row.Row] = value;
        return true;
    }

    private bool Bool(Column? column, ReadOnlySpan<byte> text)
    {
        var value = text is [(byte)'1'] || Ascii.EqualsIgnoreCase(text, "true"u8);
        if (!value && text is not [(byte)'0'] && !Ascii.EqualsIgnoreCase(text, "false"u8))
            return false;
        column?.SetBit(row.Row, value);
        return true;
    }

    private bool Any(Column? column, byte* text, int length)
    {
        if (column is null)
            return true;
        object value = Encoding.UTF8.GetString(text, length);
        if (JsonNumber.PlainInt64(text, out var integer) == text + length)
            value = integer;
        else if (JsonNumber.Double(text, out var number) == text + length)
            value = number;
        else if (value is "true" or "false")
            value = value is "true";
        column.Objects[row.Row] = value;
        return true;
    }

    private bool List(FieldSchema schema, Column? column, ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            reader.Read();
            if (JsonValues.TryRead(ref reader, DataType.List, schema.Element, out var value) is not null
                || reader.Read())
                return false;
            if (column is not null)
                column.Objects[row.Row] = value;
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool TryNumber(byte* text, int length, out double value) =>
        JsonNumber.Double(text, out value) == text + length
        || (double.TryParse(
            new ReadOnlySpan<byte>(text, length), NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value));

    private static bool TryText(DataType type, ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        return type switch
        {
            DataType.Timestamp => IsoTime.TryParse(text, out value),
            DataType.Duration => DurationText.TryParse(text, out value),
            _ => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out value),
        };
    }
}
