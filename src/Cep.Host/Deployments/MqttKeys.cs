using Cep.Rules.Schema;

namespace Cep.Host.Deployments;

/// <summary>The keys of deployment files that are about MQTT.</summary>
internal static class MqttKeys
{
    private static readonly Shape s_text = new TextShape();
    private static readonly Shape s_texts = new OneOfShape(s_text, new ListShape(s_text));
    private static readonly Shape s_integer = new IntegerShape();

    public static ObjectSpec Tls { get; } = new("tls", "Certificates, in PEM files.", [
        new("ca", s_text, "The authorities that the peer's certificate must come from; without: the system's."),
        new("cert", s_text, "The own certificate, with intermediate ones after it."),
        new("key", s_text, "Its key, if not in the same file.")]);

    public static ObjectSpec Source { get; } = new(
        "source of MQTT", "Messages from a broker (server) or straight from devices (listen).", [
            .. Broker(),
            new("topics", s_texts, "Filters of topics, such as pay/+/tx or $share/cep/pay/#."),
            new("qos", s_integer, "0, 1 or 2: how often a message may be lost or come (default 1: never lost)."),
            new("session", new DurationShape(), "How long the broker keeps what is missed (1d with a client_id)."),
            new("receive_maximum", s_integer, "Messages that may be unacknowledged (1024; listening: 256)."),
            new("listen", s_text, "The address that devices publish to, such as 0.0.0.0:1883."),
            new("users", new MapShape(s_text), "Who may publish: names and passwords, best given as ${NAME}."),
            new("max_clients", s_integer, "Connections at a time (1024)."),
            new("max_packet", s_integer, "The largest packet, in bytes (1 MiB; listening: 256 KiB)."),
            new("rate", s_integer, "Messages of one client in a second; beyond, it is left waiting."),
            new("format", new EnumShape("json", "senml", "sparkplug"), "What payloads are (json).")]);

    public static ObjectSpec Sink { get; } = new("sink of MQTT", "Publishes alerts as JSON.", [
        .. Broker(),
        new("topic", s_text, "Where to, such as alerts/{rule}/{severity}.", Required: true),
        new("qos", s_integer, "0, 1 (default) or 2."),
        new("retain", new BoolShape(), "Whether the broker keeps the last alert of each topic.")]);

    private static IEnumerable<KeySpec> Broker() => [
        new("server", s_text, "The broker: mqtt://HOST:PORT or mqtts://HOST:PORT."),
        new("client_id", s_text, "The session's name at the broker; each client has its own."),
        new("username", s_text, "Whom to appear as."),
        new("password", s_text, "Best given as ${NAME}."),
        new("version", new OneOfShape(new EnumShape("5", "3.1.1"), new IntegerShape()), "5 (default) or 3.1.1."),
        new("keep_alive", new DurationShape(), "The longest silence (30s)."),
        new("tls", new ObjectShape(Tls), "Certificates, in PEM files.")];
}
