using System.Text.Json;

namespace Cep.Connectors.Formats;

/// <summary>Reads Sparkplug payloads as JSON, as gateways and hosts pass them on.</summary>
internal static class SparkplugJson
{
    /// <exception cref="JsonException">It is broken JSON.</exception>
    /// <exception cref="InvalidOperationException">A member holds another kind of value than it should.</exception>
    public static SparkplugPayload Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 16 });
        var payload = new SparkplugPayload();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "timestamp":
                    payload.TimestampMs = (long)reader.GetDouble();
                    break;
                case "seq":
                    payload.Sequence = (ulong)reader.GetDouble();
                    break;
                case "metrics" when reader.TokenType == JsonTokenType.StartArray:
                    while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                        payload.Metrics.Add(Metric(ref reader, json));
                    if (reader.TokenType != JsonTokenType.EndArray)
                        throw new InvalidOperationException("A metric is an object.");
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        reader.Read();
        return payload;
    }

    private static SparkplugMetric Metric(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var metric = new SparkplugMetric();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "name":
                    metric.Name = reader.GetString();
                    break;
                case "alias":
                    metric.Alias = (ulong)reader.GetDouble();
                    break;
                case "timestamp":
                    metric.TimestampMs = (long)reader.GetDouble();
                    break;
                case "dataType" or "datatype" or "type":
                    metric.Type = reader.TokenType == JsonTokenType.Number
                        ? SparkplugMetric.TypeName((ulong)reader.GetDouble())
                        : reader.GetString();
                    break;
                case "value":
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    metric.Json = json[start..(int)reader.BytesConsumed].ToArray();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return metric;
    }
}
