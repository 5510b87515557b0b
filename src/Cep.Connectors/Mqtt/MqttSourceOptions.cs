using Cep.Connectors.Formats;

namespace Cep.Connectors.Mqtt;

/// <summary>What the payloads of an MQTT source are.</summary>
public enum PayloadFormat
{
    /// <summary>A JSON object, which is one event, or a list of them.</summary>
    Json,

    /// <summary>SenML in JSON (RFC 8428): one event a record.</summary>
    SenML,

    /// <summary>Sparkplug B: one event a metric.</summary>
    Sparkplug,
}

/// <summary>How an MQTT source makes events of messages.</summary>
public sealed record MqttSourceOptions
{
    public PayloadFormat Format { get; init; }

    /// <summary>Where fields come from that are not members of their names in the payload.</summary>
    public IReadOnlyDictionary<string, FieldSource> Map { get; init; } = new Dictionary<string, FieldSource>();

    /// <summary>Takes a line when a connection was made or lost.</summary>
    public Action<string> Log { get; init; } = _ => { };
}
