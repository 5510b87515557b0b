using Cep.Connectors.Formats;
using Cep.Connectors.Mqtt;
using Cep.Mqtt;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Host.Deployments;

/// <summary>Reads the sources and sinks of MQTT.</summary>
internal sealed class MqttReader(SettingText text)
{
    private static readonly string[] ListenKeys = ["listen", "users", "max_clients", "rate"];
    private static readonly string[] ServerKeys =
        ["server", "topics", "qos", "client_id", "username", "password", "version", "session", "keep_alive"];

    private readonly DiagnosticBag _diagnostics = text.Diagnostics;
    private readonly HashSet<string> _clients = new(StringComparer.Ordinal);

    /// <param name="stream">The stream.</param>
    /// <param name="source">The source, with its map.</param>
    /// <param name="node">What it says of MQTT.</param>
    public MqttSettings? Source(string stream, MappingReader source, YamlMapping node)
    {
        var reader = new MappingReader(node, MqttKeys.Source, _diagnostics);
        if (reader.Has("listen") == reader.Has("server"))
        {
            _diagnostics.Error(DiagnosticIds.WrongShape, node, "An mqtt source has one of server, listen.");
            return null;
        }

        MqttSettings? settings = reader.Has("listen") ? Listen(stream, reader) : Broker(stream, reader);
        var format = reader.Has("format") ? (PayloadFormat)(reader.Word("format") ?? 0) : PayloadFormat.Json;
        var map = Map(source);
        return settings is null ? null : settings with { Format = format, Map = map };
    }

    public MqttSinkSettings? Sink(string name, YamlMapping node)
    {
        var reader = new MappingReader(node, MqttKeys.Sink, _diagnostics);
        var broker = Connection(reader);
        var topic = reader.Scalar("topic");
        var options = new MqttSinkOptions(topic is null ? "" : text.Text(topic))
        {
            Qos = Qos(reader),
            Retain = text.Flag(reader.Scalar("retain")),
        };
        if (topic is not null && Connectors.Mqtt.MqttSink.FaultOf(options.Topic) is { } fault)
            _diagnostics.Error(DiagnosticIds.InvalidValue, topic, $"This can't be a topic: {fault}.");
        return broker is null ? null : new MqttSinkSettings(name, broker, options);
    }

    private MqttBrokerSettings? Broker(string stream, MappingReader reader)
    {
        Misplaced(reader, ListenKeys, "listen");
        var broker = Connection(reader);
        var qos = Qos(reader);
        var subscriptions = new List<MqttSubscription>();
        foreach (var topic in reader.Scalars("topics"))
        {
            var filter = text.Text(topic);
            if (MqttSubscription.FaultOf(filter) is { } fault)
                _diagnostics.Error(DiagnosticIds.InvalidValue, topic, $"This can't be a filter of topics: {fault}.");
            subscriptions.Add(new MqttSubscription(filter, qos));
        }

        if (subscriptions.Count == 0)
            _diagnostics.Error(
                DiagnosticIds.MissingKey, reader.Source, "This mqtt source has no 'topics'.",
                "filters of topics, such as topics: [pay/+/tx]");
        var receiveMaximum = text.Number(reader, "receive_maximum", 1024, 1, 65535);
        var packetBytes = text.Number(reader, "max_packet", 1 << 20, 128, 256 << 20);
        var session = reader.Duration("session");
        if (broker is null)
            return null;
        if (session > 0 && broker.ClientId.Length == 0)
            _diagnostics.Error(
                DiagnosticIds.MissingKey, reader.Source, "A session that lasts needs a 'client_id'.",
                "the broker keeps it under that name");
        var expiry = session is { } ms ? TimeSpan.FromMilliseconds(ms)
            : broker.ClientId.Length > 0 ? TimeSpan.FromDays(1) : TimeSpan.Zero;
        return new MqttBrokerSettings(stream, broker with
        {
            Subscriptions = subscriptions,
            SessionExpiry = expiry,
            CleanStart = expiry == TimeSpan.Zero,
            ReceiveMaximum = receiveMaximum,
            Limits = new MqttLimits(PacketBytes: packetBytes),
        });
    }

    private MqttListenSettings? Listen(string stream, MappingReader reader)
    {
        Misplaced(reader, ServerKeys, "server");
        if (reader.Scalar("listen") is not { } address || text.Address(address) is not var (host, port))
            return null;
        var users = reader.Mapping("users") is { } mapping
            ? mapping.Entries.Where(e => e.Value is YamlScalar)
                .ToDictionary(e => e.Key.Value, e => text.Text((YamlScalar)e.Value), StringComparer.Ordinal)
            : null;
        var tls = Tls(reader);
        if (tls is { CertificateFile: null })
            _diagnostics.Error(
                DiagnosticIds.MissingKey, reader.Source, "A listener with tls needs a certificate.",
                "tls: {cert: server.pem, key: server.key}");
        return new MqttListenSettings(stream, host, port, users)
        {
            Tls = tls,
            MaxClients = text.Number(reader, "max_clients", 1024, 1, 1_000_000),
            MaxPacketBytes = text.Number(reader, "max_packet", 256 << 10, 128, 256 << 20),
            ReceiveMaximum = text.Number(reader, "receive_maximum", 256, 1, 65535),
            MessagesPerSecond = text.Number(reader, "rate", 0, 1, int.MaxValue),
        };
    }

    private MqttConnectionOptions? Connection(MappingReader reader)
    {
        var tls = Tls(reader);
        var keepAlive = reader.Duration("keep_alive") ?? 30_000;
        var version = Version(reader);
        var clientId = reader.Scalar("client_id") is { } id ? text.Text(id) : "";
        var username = reader.Scalar("username") is { } user ? text.Text(user) : null;
        var password = reader.Scalar("password") is { } secret ? text.Text(secret) : null;
        if (reader.Scalar("server") is not { } server)
        {
            if (!reader.Has("server"))
                _diagnostics.Error(
                    DiagnosticIds.MissingKey, reader.Source, "This mqtt sink has no 'server'.",
                    "the broker, such as mqtt://127.0.0.1:1883");
            return null;
        }

        var url = text.Text(server);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("mqtt" or "mqtts")
            || address.Host.Length == 0 || address.AbsolutePath.Length > 1 || address.UserInfo.Length > 0)
        {
            _diagnostics.Error(
                DiagnosticIds.InvalidValue, server, "A broker is mqtt://HOST:PORT, or mqtts://HOST:PORT with TLS.",
                url.Contains('@', StringComparison.Ordinal) ? "the keys username and password say who it is" : null);
            return null;
        }

        if (clientId.Length > 0 && !_clients.Add($"{address.Authority} {clientId}"))
            _diagnostics.Error(
                DiagnosticIds.InvalidValue, reader.Scalar("client_id")!,
                $"Another client of this deployment is '{clientId}' too; a broker lets only the newest stay.");
        var isSecure = address.Scheme == "mqtts";
        if (tls is not null && !isSecure)
            _diagnostics.Error(DiagnosticIds.InvalidValue, server, "'tls' goes with mqtts://.");
        return new MqttConnectionOptions(address.IdnHost, address.IsDefaultPort ? isSecure ? 8883 : 1883 : address.Port)
        {
            Version = version,
            ClientId = clientId,
            Username = username,
            Password = password,
            KeepAlive = TimeSpan.FromMilliseconds(keepAlive),
            Tls = isSecure ? tls ?? new MqttTls() : null,
        };
    }

    private MqttTls? Tls(MappingReader reader)
    {
        if (reader.Mapping("tls") is not { } node)
            return null;
        var tls = new MappingReader(node, MqttKeys.Tls, _diagnostics);
        return new MqttTls(File("ca"), File("cert"), File("key"));

        string? File(string key) => tls.Scalar(key) is { } path ? text.Path(path) : null;
    }

    private MqttVersion Version(MappingReader reader)
    {
        if (reader.Scalar("version") is not { } version || text.Text(version) is "5" or "5.0")
            return MqttVersion.V5;
        if (text.Text(version) is not ("3.1.1" or "4"))
            _diagnostics.Error(
                DiagnosticIds.InvalidValue, version, $"The versions of MQTT are 5 and 3.1.1, not '{version.Value}'.");
        return MqttVersion.V311;
    }

    private MqttQos Qos(MappingReader reader) => (MqttQos)text.Number(reader, "qos", 1, 0, 2);

    private Dictionary<string, FieldSource> Map(MappingReader source)
    {
        var map = new Dictionary<string, FieldSource>(StringComparer.Ordinal);
        foreach (var entry in source.Mapping("map")?.Entries ?? [])
        {
            if (entry.Value is not YamlScalar place)
                _diagnostics.Error(DiagnosticIds.WrongShape, entry.Value, "'map' takes a text for each field.");
            else if (FieldSource.Parse(place.Value, out var fault) is { } from)
                map[entry.Key.Value] = from;
            else
                _diagnostics.Error(DiagnosticIds.InvalidValue, place, $"'{place.Value}' is no place: {fault}.");
        }

        return map;
    }

    /// <summary>Reports keys that only mean something beside another one.</summary>
    public void Misplaced(MappingReader reader, string[] keys, string with)
    {
        foreach (var key in keys)
            if (reader.OwnKey(key) is { } scalar)
                _diagnostics.Error(DiagnosticIds.WrongShape, scalar, $"'{key}' goes with '{with}'.");
    }
}
