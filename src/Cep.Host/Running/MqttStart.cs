using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Cep.Connectors;
using Cep.Connectors.Formats;
using Cep.Connectors.Mqtt;
using Cep.Events;
using Cep.Host.Deployments;
using Cep.Mqtt.Listening;

namespace Cep.Host.Running;

/// <summary>Builds the sources and sinks of MQTT that a deployment names.</summary>
internal static class MqttStart
{
    /// <summary>Makes the clients; null: our own.</summary>
#if MQTTNET
    private static readonly MqttConnector? s_connector = (o, clock) => new MqttNet.MqttNetConnection(o, clock);
#else
    private static readonly MqttConnector? s_connector = null;
#endif

    /// <exception cref="InvalidDataException">An address, a certificate or a mapping is no good.</exception>
    public static ISource Source(
        MqttSettings settings, StreamSchema schema, DecoderOptions decoding, TimeProvider clock, Action<string> log)
    {
        var options = new MqttSourceOptions { Format = settings.Format, Map = settings.Map, Log = log };
        try
        {
            return settings switch
            {
                MqttBrokerSettings broker =>
                    MqttSource.Connect(broker.Broker, schema, decoding, options, clock, s_connector),
                MqttListenSettings listen => MqttSource.Listen(Listening(listen), schema, decoding, options, clock),
                _ => throw new InvalidOperationException($"no source for {settings.GetType().Name}"),
            };
        }
        catch (Exception e) when (e is SocketException or CryptographicException or IOException)
        {
            throw new InvalidDataException($"{Describe(settings)}: {e.Message}", e);
        }
    }

    /// <exception cref="InvalidDataException">A certificate is no good.</exception>
    public static ISink Sink(MqttSinkSettings settings, TimeProvider clock)
    {
        try
        {
            return new MqttSink(settings.Name, settings.Broker, settings.Options, clock, s_connector);
        }
        catch (Exception e) when (e is CryptographicException or IOException)
        {
            throw new InvalidDataException($"sink {settings.Name}: {e.Message}", e);
        }
    }

    private static string Describe(MqttSettings settings) =>
        settings is MqttBrokerSettings broker ? $"mqtt {broker.Broker}" : settings.ToString();

    private static MqttListenerOptions Listening(MqttListenSettings settings)
    {
        var address = IPAddress.TryParse(settings.Host, out var ip) ? ip : Dns.GetHostAddresses(settings.Host)[0];
        return new MqttListenerOptions(new IPEndPoint(address, settings.Port))
        {
            Tls = settings.Tls,
            MaxClients = settings.MaxClients,
            ReceiveMaximum = settings.ReceiveMaximum,
            MessagesPerSecond = settings.MessagesPerSecond,
            Limits = new Cep.Mqtt.MqttLimits(PacketBytes: settings.MaxPacketBytes),
            Authenticate = settings.Users is { } users ? c => IsKnown(users, c) : null,
        };
    }

    private static bool IsKnown(IReadOnlyDictionary<string, string> users, MqttCredentials credentials)
    {
        // as long whether there is such a user or not
        var isUser = users.TryGetValue(credentials.Username ?? "", out var password);
        var expected = SHA256.HashData(Encoding.UTF8.GetBytes(password ?? ""));
        return CryptographicOperations.FixedTimeEquals(expected, SHA256.HashData(credentials.Password.Span)) && isUser;
    }
}
