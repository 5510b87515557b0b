using Cep.Rules.Schema;

namespace Cep.Host.Deployments;

/// <summary>The keys of deployment files.</summary>
public static class DeploymentKeys
{
    private static readonly Shape s_text = new TextShape();
    private static readonly Shape s_texts = new OneOfShape(s_text, new ListShape(s_text));

    public static ObjectSpec Retain { get; } = new("retention", "How long the state's history is kept.", [
        new("age", s_text, "How old the journal, alerts and dead letters may become; 7d unless given."),
        new("size", s_text, "How large the store may become, such as 500MB; 10GB unless given.")]);

    public static ObjectSpec Engine { get; } = new("engine", "How the engine runs.", [
        new(
            "workers", new OneOfShape(new IntegerShape(), new EnumShape("auto")),
            "Partitions of keys that run side by side, or auto."),
        new("reload", new EnumShape("on", "off"), "Whether changed rule files take effect while it runs; on."),
        new("state", s_text, "The folder that keeps what must outlive a crash; without it nothing does."),
        new("checkpoint", s_text, "The time between checkpoints, such as every 10s (which it is unless given)."),
        new("sync", new EnumShape("full", "normal"), "Whether what is kept outlives a loss of power (full) or not."),
        new("retain", new ObjectShape(Retain), "How long history is kept."),
        new("damaged", new EnumShape("stop", "skip"), "What to do about records of the journal that are damaged.")]);

    public static ObjectSpec Tls { get; } = new("tls", "Encryption, with PEM files.", [
        new("cert", s_text, "The own certificate, with those between it and its authority after it."),
        new("key", s_text, "Its private key; without it the key stands in the file of the certificate."),
        new("ca", s_text, "The authorities that peers are trusted by; whoever listens then asks for certificates.")]);

    public static ObjectSpec Tcp { get; } = new("tcp source", "NDJSON lines over TCP: listen or connect.", [
        new("listen", s_text, "The address to listen on, such as 127.0.0.1:9099."),
        new("connect", s_text, "The address to connect to."),
        new("ack", new BoolShape(), "Whether clients name themselves and are told which of their lines are kept."),
        new("tls", new ObjectShape(Tls), "Encrypts the connections."),
        new("max_line", s_text, "The longest line, such as 64KiB; 1MiB without it."),
        new("max_peers", new IntegerShape(), "Connections at a time; 1024 without it."),
        new("idle", new DurationShape(), "A peer that is silent for so long is let go; 10m without it.")]);

    public static ObjectSpec Udp { get; } = new("udp source", "NDJSON lines in datagrams.", [
        new("listen", s_text, "The address to listen on, such as 127.0.0.1:9099.", Required: true)]);

    public static ObjectSpec Http { get; } = new("http source", "Events that are posted to the web listener.", [
        new("path", s_text, "The path to post to, such as /events/logins.", Required: true),
        new("dedupe", new BoolShape(), "Whether a CloudEvent whose source and id came before is left out.")]);

    public static ObjectSpec Web { get; } = new("web", "Where HTTP is listened on.", [
        new("listen", s_text, "The address; 127.0.0.1:8080 without it."),
        new("token", s_text, "What requests must bring as Authorization: Bearer; best given as ${NAME}."),
        new("metrics", new EnumShape("open", "token"), "Whether /metrics asks for the token; it does without it.")]);

    public static ObjectSpec FileSource { get; } = new("file source", "Files of NDJSON or CSV.", [
        new("path", s_text, "A file, or a pattern such as logs/*.ndjson.", Required: true),
        new("follow", new BoolShape(), "Whether to go on as the files grow and are rotated.")]);

    public static ObjectSpec Source { get; } = new("source", "Where events of a stream come from.", [
        new("stream", s_text, "The stream.", Required: true),
        new("tcp", new ObjectShape(Tcp), "NDJSON lines over TCP."),
        new("udp", new ObjectShape(Udp), "NDJSON lines in datagrams."),
        new("http", new ObjectShape(Http), "Events that are posted."),
        new("mqtt", new ObjectShape(MqttKeys.Source), "Messages from a broker, or straight from devices."),
        new("map", new MapShape(s_text), "Where fields of messages come from: topic, topic[1], $.card.id."),
        new("file", new ObjectShape(FileSource), "Files of NDJSON or CSV.")]);

    private static readonly KeySpec[] s_delivery =
    [
        new("retry_for", new DurationShape(), "How long a delivery that fails is tried again; 1d without it."),
        new("timeout", new DurationShape(), "How long an attempt may take; 10s without it."),
        new("rate", s_text, "The most deliveries in a time, such as 10/s or 30/m."),
    ];

    public static ObjectSpec Webhook { get; } = new("webhook", "Posts alerts as CloudEvents or by a template.", [
        new("url", s_text, "Where to post.", Required: true),
        new("secret", s_texts, "The key that requests are signed with, or several; best given as ${NAME}."),
        new("format", new EnumShape("cloudevents"), "The format of the body."),
        new("template", s_text, "A Handlebars template that makes the body."),
        .. s_delivery]);

    public static ObjectSpec Alertmanager { get; } = new("alertmanager", "Posts alerts to an Alertmanager.", [
        new("url", s_text, "Its address, such as http://127.0.0.1:9093.", Required: true),
        .. s_delivery]);

    public static ObjectSpec FileSink { get; } = new("file sink", "Appends alerts to a file as NDJSON.", [
        new("path", s_text, "The file.", Required: true),
        new("rotate", s_text, "The size at which it is rotated, such as 100MB; without it never."),
        new("keep", new IntegerShape(), "How many rotated files are kept; 5 without it.")]);

    public static ObjectSpec Smtp { get; } = new("smtp sink", "Mails alerts.", [
        new("server", s_text, "HOST:PORT of the mail server.", Required: true),
        new("from", s_text, "The sender's address.", Required: true),
        new("to", s_texts, "The receivers' addresses.", Required: true),
        new("tls", new BoolShape(), "Whether the connection is encrypted (STARTTLS); true without it."),
        new("username", s_text, "The name to log in by."),
        new("password", s_text, "The password; best given as ${NAME}."),
        .. s_delivery]);

    public static ObjectSpec Stdout { get; } = new("stdout", "Writes alerts to standard output as NDJSON.", []);

    public static ObjectSpec Sink { get; } = new("sink", "Where alerts can go: one of the keys.", [
        new("webhook", new ObjectShape(Webhook), "Posts alerts as CloudEvents or by a template."),
        new("alertmanager", new ObjectShape(Alertmanager), "Posts alerts to an Alertmanager."),
        new("smtp", new ObjectShape(Smtp), "Mails alerts."),
        new("file", new ObjectShape(FileSink), "Appends alerts to a file."),
        new("mqtt", new ObjectShape(MqttKeys.Sink), "Publishes alerts as JSON."),
        new("stdout", new ObjectShape(Stdout), "Writes alerts to standard output.")]);

    public static ObjectSpec Escalation { get; } = new("escalation", "Whom to tell when nobody cares.", [
        new("after", new DurationShape(), "How long after it was told first.", Required: true),
        new("to", s_texts, "The names of sinks.", Required: true)]);

    public static ObjectSpec Route { get; } = new("route", "Which alerts go where, and when.", [
        new("to", s_texts, "The names of sinks.", Required: true),
        new(
            "match", new ExpressionShape(),
            "Which alerts: an expression over severity, rule, status, labels and key."),
        new("continue", new BoolShape(), "Whether the routes after this one are tried too; true without it."),
        new("group_by", s_texts, "Alerts equal in these go out as one: rule, severity, labels, parts of the key."),
        new("group_wait", new DurationShape(), "How long a group's first alert waits for others; 30s without it."),
        new("group_interval", new DurationShape(), "How long a group waits with changes; 5m without it."),
        new("repeat", new DurationShape(), "How long until what still fires is told again; without it, it is not."),
        new("escalate", new ObjectShape(Escalation), "Whom to tell when nobody cares.")]);

    public static ObjectSpec Inhibition { get; } = new("inhibition", "Alerts that others explain are not told.", [
        new("source", new ExpressionShape(), "The alerts that explain.", Required: true),
        new("target", new ExpressionShape(), "The alerts that are explained.", Required: true),
        new("equal", s_texts, "What both have in common.")]);

    public static ObjectSpec Silence { get; } = new("silence", "Alerts that are not told until an end.", [
        new("match", new ExpressionShape(), "Which alerts.", Required: true),
        new("until", new TimeShape(), "The end, such as 2027-01-31.", Required: true),
        new("why", s_text, "The reason.", Required: true)]);

    public static ObjectSpec File { get; } = new("deployment", "What runs, from where to where.", [
        new("engine", new ObjectShape(Engine), "How the engine runs."),
        new("rules", s_texts, "Rule files, folders or patterns, from the deployment file's folder.", Required: true),
        new("sources", new ListShape(new ObjectShape(Source)), "Where events come from.", Required: true),
        new("sinks", new MapShape(new ObjectShape(Sink)), "Where alerts can go; without any: to standard output."),
        new("routes", new ListShape(new ObjectShape(Route)), "Which alerts go where; without any: all to all sinks."),
        new("inhibit", new ListShape(new ObjectShape(Inhibition)), "Which alerts explain which others."),
        new("silences", new ListShape(new ObjectShape(Silence)), "Alerts that are not told for a time."),
        new("web", new ObjectShape(Web), "Where HTTP is listened on."),
        new("dead_letters", s_text, "The file that keeps what could not be read or delivered.")]);
}
