using System.Globalization;
using System.Text.RegularExpressions;
using Cep.Rules;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Host.Deployments;

/// <summary>A deployment file and its problems. <see cref="Deployment"/> is null where there is an error.</summary>
public sealed record DeploymentResult(Deployment? Deployment, IReadOnlyList<Diagnostic> Diagnostics);

/// <summary>Reads deployment files.</summary>
public sealed partial class DeploymentFile
{
    private static readonly string[] OwnKeys = ["engine", "sources", "sinks", "routes", "dead_letters"];
    private static readonly string[] SourceKinds = ["tcp", "file", "mqtt"];
    private static readonly string[] SinkKinds = ["webhook", "mqtt", "stdout"];

    private readonly DiagnosticBag _diagnostics = new();
    private readonly Func<string, string?> _environment;
    private readonly string _folder;

    private DeploymentFile(string path, Func<string, string?> environment)
    {
        _environment = environment;
        _folder = Path.GetDirectoryName(path) ?? "";
    }

    /// <summary>Whether a file is a deployment and not one of rules, by its keys.</summary>
    public static bool IsDeployment(SourceText source)
    {
        if (!OwnKeys.Any(k => source.Text.Contains(k + ":", StringComparison.Ordinal)))
            return false;
        var root = YamlReader.Read(new YamlSource(source.Path, source.Text), new DiagnosticBag());
        return root is YamlMapping mapping && mapping.Entries.Any(e => OwnKeys.Contains(e.Key.Value));
    }

    /// <param name="source">The file. Paths in it are from its folder.</param>
    /// <param name="environment">Gives the value of <c>${NAME}</c>, or null.</param>
    public static DeploymentResult Read(SourceText source, Func<string, string?> environment)
    {
        var file = new DeploymentFile(source.Path, environment);
        var deployment = file.Root(source);
        var problems = file._diagnostics.Sorted([source]);
        return new DeploymentResult(file._diagnostics.ErrorCount == 0 ? deployment : null, problems);
    }

    private Deployment? Root(SourceText source)
    {
        var root = YamlReader.Read(new YamlSource(source.Path, source.Text), _diagnostics);
        if (root is not YamlMapping mapping)
        {
            if (root is not null)
                _diagnostics.Error(
                    DiagnosticIds.WrongShape, root, "A deployment file is a mapping with rules, sources, sinks.");
            return null;
        }

        var reader = new MappingReader(mapping, DeploymentKeys.File, _diagnostics);
        var sinks = Sinks(reader).ToList();
        var deployment = new Deployment
        {
            Workers = Workers(reader),
            Rules = [.. reader.Scalars("rules").Select(r => Path.Combine(_folder, Text(r)))],
            Sources = [.. reader.Mappings("sources").Select(Source).OfType<SourceSettings>()],
            Routes = [.. reader.Mappings("routes").Select(r => RouteOf(r, sinks)).OfType<Route>()],
            DeadLetters = Path.Combine(
                _folder, reader.Scalar("dead_letters") is { } path ? Text(path) : "dead-letters.ndjson"),
        };
        return sinks.Count > 0 ? deployment with { Sinks = sinks } : deployment;
    }

    private int Workers(MappingReader root)
    {
        if (root.Mapping("engine") is not { } engine)
            return 1;
        var scalar = new MappingReader(engine, DeploymentKeys.Engine, _diagnostics).Scalar("workers");
        if (scalar is null)
            return 1;
        if (scalar.Value == "auto")
            return Environment.ProcessorCount;
        if (int.TryParse(Text(scalar), NumberStyles.None, CultureInfo.InvariantCulture, out var workers)
            && workers is >= 1 and <= 64)
            return workers;
        _diagnostics.Error(DiagnosticIds.InvalidValue, scalar, "'workers' is auto or a number from 1 to 64.");
        return 1;
    }

    private SourceSettings? Source(YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.Source, _diagnostics);
        var stream = reader.Scalar("stream") is { } name ? Text(name) : "";
        if (SourceKinds.Count(reader.Has) != 1)
        {
            _diagnostics.Error(
                DiagnosticIds.WrongShape, node, $"A source has one of {string.Join(", ", SourceKinds)}.");
            return null;
        }

        if (reader.Mapping("mqtt") is { } mqtt)
            return Mqtt(stream, reader, mqtt);
        Misplaced(reader, ["map"], "mqtt");

        if (reader.Mapping("tcp") is { } tcp)
            return Tcp(stream, tcp);
        if (reader.Mapping("file") is not { } file)
            return null;
        var fileReader = new MappingReader(file, DeploymentKeys.FileSource, _diagnostics);
        if (fileReader.Scalar("path") is not { } path)
            return null;
        return new FileSettings(stream, Path.Combine(_folder, Text(path)), Flag(fileReader.Scalar("follow")));
    }

    private TcpSettings? Tcp(string stream, YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.Tcp, _diagnostics);
        if (reader.Has("listen") == reader.Has("connect"))
        {
            _diagnostics.Error(DiagnosticIds.WrongShape, node, "A tcp source has one of listen, connect.");
            return null;
        }

        var address = reader.Scalar("listen") ?? reader.Scalar("connect");
        if (address is null)
            return null;
        var text = Text(address);
        var colon = text.LastIndexOf(':');
        if (colon > 0
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return new TcpSettings(stream, reader.Has("listen"), text[..colon].Trim('[', ']'), port);
        _diagnostics.Error(DiagnosticIds.InvalidValue, address, "An address is HOST:PORT, such as 127.0.0.1:9099.");
        return null;
    }

    private IEnumerable<SinkSettings> Sinks(MappingReader root)
    {
        foreach (var entry in root.Mapping("sinks")?.Entries ?? [])
        {
            if (entry.Value is not YamlMapping node)
            {
                _diagnostics.Error(
                    DiagnosticIds.WrongShape, entry.Value,
                    $"A sink is a mapping with one of {string.Join(", ", SinkKinds)}.");
                continue;
            }

            var reader = new MappingReader(node, DeploymentKeys.Sink, _diagnostics);
            if (SinkKinds.Count(reader.Has) != 1)
                _diagnostics.Error(
                    DiagnosticIds.WrongShape, node, $"A sink has one of {string.Join(", ", SinkKinds)}.");
            else if (reader.Has("stdout"))
                yield return new StdoutSettings(entry.Key.Value);
            else if (reader.Mapping("mqtt") is { } mqtt && MqttSink(entry.Key.Value, mqtt) is { } mqttSettings)
                yield return mqttSettings;
            else if (reader.Mapping("webhook") is { } webhook && Webhook(entry.Key.Value, webhook) is { } settings)
                yield return settings;
        }
    }

    private WebhookSettings? Webhook(string name, YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.Webhook, _diagnostics);
        if (reader.Has("format"))
            reader.Word("format");
        var secret = reader.Scalar("secret") is { } key ? Secret(key) : null;
        if (reader.Scalar("url") is not { } url)
            return null;
        var errors = _diagnostics.ErrorCount;
        var text = Text(url);
        if (_diagnostics.ErrorCount > errors)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            return new WebhookSettings(name, address, secret);
        _diagnostics.Error(DiagnosticIds.InvalidValue, url, "The url is no http or https address.");
        return null;
    }

    private string Secret(YamlScalar scalar)
    {
        var secret = Text(scalar);
        if (secret.StartsWith("whsec_", StringComparison.Ordinal)
            && !Convert.TryFromBase64String(secret["whsec_".Length..], new byte[secret.Length], out _))
            _diagnostics.Error(
                DiagnosticIds.InvalidValue, scalar, "A secret that begins with whsec_ goes on in base64.");
        return secret;
    }

    private Route? RouteOf(YamlMapping node, List<SinkSettings> sinks)
    {
        var reader = new MappingReader(node, DeploymentKeys.Route, _diagnostics);
        var to = reader.Scalars("to");
        foreach (var name in to.Where(t => !sinks.Exists(s => s.Name == t.Value)))
            _diagnostics.Error(
                DiagnosticIds.UnknownName, name, $"There is no sink '{name.Value}'.",
                Suggestion.For(name.Value, sinks.Select(s => s.Name)));
        var match = reader.Expression("match");
        var matches = match is null ? _ => true : AlertMatch.Compile(match, _diagnostics);
        return new Route([.. to.Select(t => t.Value)], matches);
    }

    private bool Flag(YamlScalar? scalar)
    {
        if (scalar is null)
            return false;
        if (scalar.Resolve() is bool flag)
            return flag;
        _diagnostics.Error(DiagnosticIds.InvalidValue, scalar, $"This is true or false, not '{scalar.Value}'.");
        return false;
    }

    /// <summary>The text with what it takes from the environment.</summary>
    private string Text(YamlScalar scalar) => Variable().Replace(scalar.Value, match =>
    {
        var name = match.Groups[1].Value;
        if (_environment(name) is { } value)
            return value;
        var span = scalar.At(match.Index, match.Length);
        _diagnostics.Error(
            DiagnosticIds.UnknownName, scalar.Source, span, $"The environment has no variable {name}.",
            $"export {name}=…");
        return "";
    });

    [GeneratedRegex(@"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")]
    private static partial Regex Variable();
}
