using Cep.Rules.Schema;

namespace Cep.Host.Deployments;

/// <summary>The keys of deployment files.</summary>
public static class DeploymentKeys
{
    private static readonly Shape s_text = new TextShape();
    private static readonly Shape s_texts = new OneOfShape(s_text, new ListShape(s_text));

    public static ObjectSpec Engine { get; } = new("engine", "How the engine runs.", [
        new(
            "workers", new OneOfShape(new IntegerShape(), new EnumShape("auto")),
            "Partitions of keys that run side by side, or auto.")]);

    public static ObjectSpec Tcp { get; } = new("tcp source", "NDJSON lines over TCP: one of the keys.", [
        new("listen", s_text, "The address to listen on, such as 127.0.0.1:9099."),
        new("connect", s_text, "The address to connect to.")]);

    public static ObjectSpec FileSource { get; } = new("file source", "Files of NDJSON or CSV.", [
        new("path", s_text, "A file, or a pattern such as logs/*.ndjson.", Required: true),
        new("follow", new BoolShape(), "Whether to go on as the files grow and are rotated.")]);

    public static ObjectSpec Source { get; } = new("source", "Where events of a stream come from.", [
        new("stream", s_text, "The stream.", Required: true),
        new("tcp", new ObjectShape(Tcp), "NDJSON lines over TCP."),
        new("mqtt", new ObjectShape(MqttKeys.Source), "Messages from a broker, or straight from devices."),
        new("map", new MapShape(s_text), "Where fields of messages come from: topic, topic[1], $.card.id."),
        new("file", new ObjectShape(FileSource), "Files of NDJSON or CSV.")]);

    public static ObjectSpec Webhook { get; } = new("webhook", "Posts alerts as CloudEvents.", [
        new("url", s_text, "Where to post.", Required: true),
        new("secret", s_text, "The key that requests are signed with; best given as ${NAME}."),
        new("format", new EnumShape("cloudevents"), "The format of the body.")]);

    public static ObjectSpec Stdout { get; } = new("stdout", "Writes alerts to standard output as NDJSON.", []);

    public static ObjectSpec Sink { get; } = new("sink", "Where alerts can go: one of the keys.", [
        new("webhook", new ObjectShape(Webhook), "Posts alerts as CloudEvents."),
        new("mqtt", new ObjectShape(MqttKeys.Sink), "Publishes alerts as JSON."),
        new("stdout", new ObjectShape(Stdout), "Writes alerts to standard output.")]);

    public static ObjectSpec Route { get; } = new("route", "Which alerts go where.", [
        new("to", s_texts, "The names of sinks.", Required: true),
        new(
            "match", new ExpressionShape(),
            "Which alerts: an expression over severity, rule, status, labels and key.")]);

    public static ObjectSpec File { get; } = new("deployment", "What runs, from where to where.", [
        new("engine", new ObjectShape(Engine), "How the engine runs."),
        new("rules", s_texts, "Rule files, folders or patterns, from the deployment file's folder.", Required: true),
        new("sources", new ListShape(new ObjectShape(Source)), "Where events come from.", Required: true),
        new("sinks", new MapShape(new ObjectShape(Sink)), "Where alerts can go; without any: to standard output."),
        new("routes", new ListShape(new ObjectShape(Route)), "Which alerts go where; without any: all to all sinks."),
        new("dead_letters", s_text, "The file that keeps what could not be read or delivered.")]);
}
