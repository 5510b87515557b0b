using System.Text.Json;
using System.Text.Unicode;
using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>Reads a line of JSON thoroughly: whatever JSON allows, and for what it does not allow, why.</summary>
/// <param name="row">What the values go to.</param>
/// <param name="names">The fields of members.</param>
/// <param name="mapping">What else the fields come from, or null.</param>
internal sealed class JsonRowReader(RowWriter row, NameTable names, RowMapping? mapping = null)
{
    private const int MaxDepth = 64;
    private readonly StreamSchema _schema = row.Schema;

    /// <summary>The state for reading one value of a line's object.</summary>
    public static JsonReaderState ValueState => new(new JsonReaderOptions { MaxDepth = MaxDepth - 1 });

    /// <summary>Makes a row of the line, or a rejected event.</summary>
    public void Line(ReadOnlySpan<byte> line, long number, long? arrivalMs)
    {
        row.Restart();
        var reason = Fields(line) ?? mapping?.Fill(row);
        if (reason is null && !row.End(arrivalMs))
            reason = $"the time field '{_schema.Fields[_schema.TimeField].Name}' is missing or null";
        if (reason is not null)
            row.RejectPlaced(reason, line, number);
    }

    /// <summary>Sets a field of the row to the value that the reader is at, and moves to its end.</summary>
    /// <returns>Why it can't be the field's value, or null.</returns>
    /// <exception cref="JsonException">The value is broken.</exception>
    public string? Value(ref Utf8JsonReader reader, int field)
    {
        row.Take(field);
        var column = row.ColumnOf(field);
        if (reader.TokenType == JsonTokenType.Null)
        {
            if (column is not null)
                row.SetNull(column);
            return null;
        }

        var schema = _schema.Fields[field];
        var reason = JsonValues.TryRead(ref reader, schema.Type, schema.Element, out var value);
        if (reason is not null)
            return $"field '{schema.Name}' {reason}";
        column?.SetValue(row.Row, value);
        return null;
    }

    private string? Fields(ReadOnlySpan<byte> line)
    {
        if (!Utf8.IsValid(line))
            return "invalid UTF-8";
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                return $"not a JSON object, but {JsonValues.Describe(ref reader)}";
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var field = FieldAt(ref reader);
                var node = mapping?.Paths?.Member(ref reader);
                reader.Read();
                if (Descend(ref reader, field, node) is { } reason)
                    return reason;
            }

            reader.Read();
            return null;
        }
        catch (JsonException e)
        {
            return Explain(e);
        }
        catch (InvalidOperationException)
        {
            return "broken JSON: an escape that is no Unicode character";
        }
    }

    /// <summary>Sets the fields that come from the value the reader is at, or from inside it.</summary>
    private string? Descend(ref Utf8JsonReader reader, int field, JsonPathNode? node)
    {
        if (node is null)
        {
            if (field >= 0)
                return Value(ref reader, field);
            reader.Skip();
            return null;
        }

        var again = reader;
        if (field >= 0 && Value(ref again, field) is { } fault)
            return fault;
        foreach (var further in node.Fields)
        {
            again = reader;
            if (Value(ref again, further) is { } reason)
                return reason;
        }

        return Inside(ref reader, node);
    }

    private string? Inside(ref Utf8JsonReader reader, JsonPathNode node)
    {
        var isList = reader.TokenType == JsonTokenType.StartArray;
        if (!isList && reader.TokenType != JsonTokenType.StartObject)
            return null;
        for (var item = 0; reader.Read() && reader.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject);
            item++)
        {
            var next = isList ? node.Item(item) : node.Member(ref reader);
            if (!isList)
                reader.Read();
            if (Descend(ref reader, -1, next) is { } reason)
                return reason;
        }

        return null;
    }

    private int FieldAt(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return names.FieldOf(reader.ValueSpan);
        Span<byte> name = reader.ValueSpan.Length <= 256 ? stackalloc byte[256] : new byte[reader.ValueSpan.Length];
        return names.FieldOf(name[..reader.CopyString(name)]);
    }

    /// <summary>What is wrong with JSON, and where.</summary>
    public static string Explain(JsonException e)
    {
        var message = e.Message;
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        if (end > 0)
            message = message[..end];
        return $"broken JSON at byte {(e.BytePositionInLine ?? 0) + 1}: {message}";
    }
}
