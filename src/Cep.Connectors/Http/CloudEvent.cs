using System.Text.Json;

namespace Cep.Connectors.Http;

/// <summary>What is read of a CloudEvent 1.0 in JSON.</summary>
internal readonly ref struct CloudEvent
{
    private static readonly string[] Required = ["id", "source", "type"];

    /// <summary>What is wrong with it, or null.</summary>
    public string? Fault { get; init; }

    /// <summary>Its data in JSON; an object without members where it has none.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Its <c>time</c> as it stands there, or null.</summary>
    public string? Time { get; init; }

    /// <summary>Its source and id, which no other event has both of; null where it has not both.</summary>
    public string? Identity { get; init; }

    /// <param name="json">A JSON value without errors.</param>
    public static CloudEvent Read(ReadOnlySpan<byte> json)
    {
        if (json is not [(byte)'{', ..])
            return new CloudEvent { Fault = "not a CloudEvent: it is no JSON object" };
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        ReadOnlySpan<byte> data = "{}"u8;
        byte[]? binary = null;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = TextOf(ref reader);
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && name is not "data" and not "data_base64")
                texts[name] = TextOf(ref reader);
            var start = (int)reader.TokenStartIndex;
            if (name == "data_base64"
                && (reader.TokenType != JsonTokenType.String || !TryBytes(ref reader, out binary)))
                return new CloudEvent { Fault = "a CloudEvent whose 'data_base64' is no base64" };
            reader.Skip();
            if (name == "data" && reader.TokenType != JsonTokenType.Null)
                data = json[start..(int)reader.BytesConsumed];
        }

        return new CloudEvent
        {
            Fault = FaultOf(texts.GetValueOrDefault),
            Data = binary ?? data,
            Time = texts.GetValueOrDefault("time"),
            Identity = IdentityOf(texts.GetValueOrDefault),
        };
    }

    /// <summary>The source and id by the attributes of an event; null where it has not both.</summary>
    public static string? IdentityOf(Func<string, string?> attribute) =>
        attribute("source") is { Length: > 0 } source && attribute("id") is { Length: > 0 } id
            ? $"event {source}\n{id}"
            : null;

    /// <summary>What is wrong with the attributes of an event, or null.</summary>
    public static string? FaultOf(Func<string, string?> attribute)
    {
        if (attribute("specversion") is var version && version != "1.0")
            return version is null ? "not a CloudEvent: there is no 'specversion'" : "a CloudEvent of another version";
        var missing = Required.FirstOrDefault(a => string.IsNullOrEmpty(attribute(a)));
        return missing is null ? null : $"a CloudEvent without '{missing}'";
    }

    private static string TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // an escape that is no character, or bytes that are no UTF-8
            return "";
        }
    }

    private static bool TryBytes(ref Utf8JsonReader reader, out byte[]? bytes)
    {
        try
        {
            return reader.TryGetBytesFromBase64(out bytes);
        }
        catch (InvalidOperationException)
        {
            bytes = null;
            return false;
        }
    }
}
