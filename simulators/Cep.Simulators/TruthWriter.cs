using System.Text.Json;

namespace Cep.Simulators;

/// <summary>Writes the truth as one JSON object a line.</summary>
public static class TruthWriter
{
    public static void Write(Stream output, IEnumerable<Truth> truth)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        foreach (var incident in truth)
        {
            json.WriteStartObject();
            json.WriteString("scenario", incident.Scenario);
            json.WriteStartObject("key");
            json.WriteString(incident.KeyField, incident.Key);
            json.WriteEndObject();
            json.WriteString("from", Iso(incident.FromMs));
            json.WriteString("to", Iso(incident.ToMs));
            json.WriteStartArray("events");
            foreach (var id in incident.Events)
                json.WriteStringValue(id);
            json.WriteEndArray();
            json.WriteEndObject();
            json.Flush();
            output.WriteByte((byte)'\n');
            json.Reset();
        }
    }

    private static string Iso(long timeMs) => DateTimeOffset.FromUnixTimeMilliseconds(timeMs)
        .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
