using Cep.Connectors.Formats;
using Cep.Connectors.Mqtt;
using Cep.Mqtt;

namespace Cep.Host.Deployments;

/// <summary>A source whose messages come by MQTT.</summary>
public abstract record MqttSettings(string Stream) : SourceSettings(Stream)
{
    public PayloadFormat Format { get; init; }

    public IReadOnlyDictionary<string, FieldSource> Map { get; init; } = new Dictionary<string, FieldSource>();
}

/// <summary>From a broker.</summary>
public sealed record MqttBrokerSettings(string Stream, MqttConnectionOptions Broker) : MqttSettings(Stream);

/// <summary>From devices that publish to the engine itself.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Host">A name or address of this machine.</param>
/// <param name="Port">0 takes a free one.</param>
/// <param name="Users">Names and passwords; null: everybody may publish.</param>
public sealed record MqttListenSettings(
    string Stream, string Host, int Port, IReadOnlyDictionary<string, string>? Users) : MqttSettings(Stream)
{
    public MqttTls? Tls { get; init; }

    public int MaxClients { get; init; } = 1024;

    public int MaxPacketBytes { get; init; } = 256 << 10;

    public int ReceiveMaximum { get; init; } = 256;

    public int MessagesPerSecond { get; init; }

    /// <summary>Without passwords.</summary>
    public override string ToString() => $"mqtt listen {Host}:{Port}";
}

/// <summary>Publishes alerts to a broker.</summary>
public sealed record MqttSinkSettings(string Name, MqttConnectionOptions Broker, MqttSinkOptions Options)
    : SinkSettings(Name);
