using System.Text;
using System.Text.Json;
using Cep.Connectors.Formats;

namespace Cep.Connectors.Http;

/// <summary>
/// Makes one line of each event in a JSON document: an object, an array of objects, a CloudEvent or an array of those
/// (CloudEvents 1.0, JSON event format). The decoder of lines then decides about each.
/// </summary>
/// <param name="lines">Takes the lines.</param>
/// <param name="timeField">The field that gets the time of a CloudEvent where its data has none; null: none does.
/// </param>
/// <param name="reject">Takes what is no event: why, and what it is.</param>
internal sealed class EventLines(Utf8Buffer lines, string? timeField, Action<string, byte[]> reject)
{
    /// <summary>Writes what the document holds.</summary>
    /// <exception cref="JsonException">It is broken: nothing was written that counts.</exception>
    public void Document(ReadOnlySpan<byte> json, bool isCloudEvents)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            One(Next(ref reader, json), isCloudEvents);
        }
        else
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                One(Next(ref reader, json), isCloudEvents);
        }

        // throws where something follows
        reader.Read();
    }

    /// <summary>Writes the data of an event, with its time where the data has none.</summary>
    public void Event(ReadOnlySpan<byte> data, string? time)
    {
        data = data.Trim(" \t\r\n"u8);
        if (timeField is null || time is null || !IsoTime.TryParse(Encoding.UTF8.GetBytes(time), out _)
            || data is not [(byte)'{', ..])
        {
            Line(data);
            return;
        }

        // of a name that comes twice the last counts: a time in the data wins
        lines.Raw("{"u8);
        lines.String(timeField);
        lines.Raw(":"u8);
        lines.String(time);
        var rest = data[1..].TrimStart(" \t\r\n"u8);
        if (rest is not [(byte)'}', ..])
            lines.Raw(","u8);
        Line(rest);
    }

    private static ReadOnlySpan<byte> Next(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }

    private void One(ReadOnlySpan<byte> json, bool isCloudEvent)
    {
        if (!isCloudEvent)
        {
            Line(json);
            return;
        }

        var read = CloudEvent.Read(json);
        if (read.Fault is { } fault)
            reject(fault, json.ToArray());
        else
            Event(read.Data, read.Time);
    }

    // outside of strings a line feed is a blank, and inside there can't be one
    private void Line(ReadOnlySpan<byte> json)
    {
        while (json.IndexOfAny((byte)'\n', (byte)'\r') is >= 0 and var at)
        {
            lines.Raw(json[..at]);
            lines.Raw((byte)' ');
            json = json[(at + 1)..];
        }

        lines.Raw(json);
        lines.Raw((byte)'\n');
    }
}
