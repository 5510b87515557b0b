using System.Globalization;
using System.Text;
using System.Text.Json;
using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>JSON values as the objects that columns hold.</summary>
internal static class JsonValues
{
    private const int ShownLength = 40;

    /// <summary>Reads the value the reader is at as the given type and moves to its end.</summary>
    /// <returns>Null, or what is wrong, to follow the field's name.</returns>
    public static string? TryRead(ref Utf8JsonReader reader, DataType type, DataType element, out object? value)
    {
        value = type switch
        {
            DataType.String => reader.TokenType == JsonTokenType.String ? reader.GetString() : null,
            DataType.Number => Number(ref reader),
            DataType.Integer => Integer(ref reader),
            DataType.Bool => reader.TokenType is JsonTokenType.True or JsonTokenType.False ? reader.GetBoolean() : null,
            DataType.Timestamp => Time(ref reader),
            DataType.Duration => Duration(ref reader),
            _ => null,
        };
        if (value is not null)
            return null;
        if (type == DataType.Any)
            return Any(ref reader, out value);
        if (type == DataType.List && reader.TokenType == JsonTokenType.StartArray)
            return List(ref reader, element, out value);
        return $"must be {NameOf(type)}, but is {Describe(ref reader)}";
    }

    /// <summary>What stands where the reader is, as people would say it.</summary>
    public static string Describe(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => $"the string \"{Cut(reader.GetString()!)}\"",
        JsonTokenType.Number => $"the number {Cut(Encoding.UTF8.GetString(reader.ValueSpan))}",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.Null => "null",
        JsonTokenType.StartArray => "an array",
        _ => "an object",
    };

    public static string NameOf(DataType type) => type switch
    {
        DataType.Bool => "true or false",
        DataType.Integer => "an integer",
        DataType.Number => "a number",
        DataType.String => "a string",
        DataType.Timestamp => "a timestamp (ISO 8601 or epoch milliseconds)",
        DataType.Duration => "a duration (like 1h30m, or milliseconds)",
        DataType.List => "a list",
        _ => "a value",
    };

    public static string Cut(string text) => text.Length <= ShownLength ? text : text[..ShownLength] + "…";

    private static object? Number(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : null;

    private static object? Integer(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number
            && JsonNumber.TryInt64(reader.ValueSpan, out var number)
            ? number
            : null;

    private static object? Time(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
            return IsoTime.TryParse(Encoding.UTF8.GetBytes(reader.GetString()!), out var time) ? time : null;
        return Number(ref reader) is double ms && Math.Floor(ms) is >= IsoTime.MinMs and <= IsoTime.MaxMs
            ? (long)Math.Floor(ms)
            : null;
    }

    private static object? Duration(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
            return DurationText.TryParse(Encoding.UTF8.GetBytes(reader.GetString()!), out var duration)
                ? duration
                : null;
        return Number(ref reader) is double ms && Math.Abs(ms) < 1L << 53 ? (long)Math.Floor(ms) : null;
    }

    private static string? List(ref Utf8JsonReader reader, DataType element, out object? value)
    {
        var items = new List<object?>();
        value = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            object? item = null;
            if (reader.TokenType != JsonTokenType.Null
                && TryRead(ref reader, element, DataType.Any, out item) is { } reason)
                return $"[{items.Count}] {reason}";
            items.Add(item);
        }

        value = items.ToArray();
        return null;
    }

    // as deep as the reader lets it be
    private static string? Any(ref Utf8JsonReader reader, out object? value)
    {
        value = null;
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                value = reader.GetString();
                return null;
            case JsonTokenType.Number:
                value = AnyNumber(ref reader);
                return value is null ? $"is out of range: {Describe(ref reader)}" : null;
            case JsonTokenType.True or JsonTokenType.False:
                value = reader.GetBoolean();
                return null;
            case JsonTokenType.StartArray:
                return List(ref reader, DataType.Any, out value);
            case JsonTokenType.StartObject:
                return Object(ref reader, out value);
            default:
                return null;
        }
    }

    private static object? AnyNumber(ref Utf8JsonReader reader) =>
        reader.TryGetInt64(out var integer) && !reader.ValueSpan.SequenceEqual("-0"u8) ? integer : Number(ref reader);

    private static string? Object(ref Utf8JsonReader reader, out object? value)
    {
        var members = new Dictionary<string, object?>(StringComparer.Ordinal);
        value = members;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (Any(ref reader, out var member) is { } reason)
                return string.Create(CultureInfo.InvariantCulture, $".{name} {reason}");
            members[name] = member;
        }

        return null;
    }
}
