using System.Globalization;
using System.Net;
using Cep.Host.Notifying;
using Cep.Host.Web;
using Cep.Rules;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Host.Deployments;

/// <summary>A deployment file and its problems. <see cref="Deployment"/> is null where there is an error.</summary>
public sealed record DeploymentResult(Deployment? Deployment, IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <summary>The state folder, also where something else is wrong with the file; null: none.</summary>
    public string? Folder { get; init; }

    /// <summary>Where it listens for HTTP, also where something else is wrong with the file; null: nowhere.</summary>
    public WebSettings? Web { get; init; }
}

/// <summary>Reads deployment files.</summary>
public sealed class DeploymentFile
{
    private static readonly string[] OwnKeys =
        ["engine", "sources", "sinks", "routes", "dead_letters", "web", "inhibit", "silences"];

    private readonly DiagnosticBag _diagnostics = new();
    private readonly SettingText _text;

    private DeploymentFile(string path, Func<string, string?> environment) =>
        _text = new SettingText(_diagnostics, environment, Path.GetDirectoryName(path) ?? "");

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
        return new DeploymentResult(file._diagnostics.ErrorCount == 0 ? deployment : null, problems)
        {
            Folder = deployment?.State?.Folder,
            Web = deployment?.Web,
        };
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
        var engine = reader.Mapping("engine") is { } node
            ? new MappingReader(node, DeploymentKeys.Engine, _diagnostics)
            : null;
        var mqtt = new MqttReader(_text);
        var sinks = new SinkReader(_text, mqtt).Read(reader).ToList();
        var routeReader = new RouteReader(_text, sinks);
        var sourceReader = new SourceReader(_text, mqtt);
        var sources = reader.Mappings("sources").Select(sourceReader.Read).OfType<SourceSettings>().ToList();
        var deployment = new Deployment
        {
            Workers = Workers(engine),
            Reload = Reload(engine),
            State = engine is null ? null : new StateKeys(engine, _diagnostics, _text.Text).Read(_text.Folder),
            Rules = [.. reader.Scalars("rules").Select(_text.Path)],
            Sources = sources,
            Routes = [.. reader.Mappings("routes").Select(routeReader.Read)],
            Inhibitions = [.. reader.Mappings("inhibit").Select(routeReader.Inhibition)],
            Silences = [.. reader.Mappings("silences").Select(routeReader.Silence).OfType<Silence>()],
            Web = Web(reader, sources.Exists(s => s is HttpSettings)),
            DeadLetters = _text.PathOf(reader.Scalar("dead_letters")) ?? _text.InFolder("dead-letters.ndjson"),
        };
        return sinks.Count > 0 ? deployment with { Sinks = sinks } : deployment;
    }

    private bool Reload(MappingReader? engine)
    {
        if (engine?.Scalar("reload") is not { } scalar || scalar.Value is "on" or "true")
            return true;
        if (scalar.Value is not ("off" or "false"))
            _diagnostics.Error(DiagnosticIds.InvalidValue, scalar, $"'reload' is on or off, not '{scalar.Value}'.");
        return false;
    }

    private int Workers(MappingReader? engine)
    {
        if (engine?.Scalar("workers") is not { } scalar)
            return 1;
        if (scalar.Value == "auto")
            return Environment.ProcessorCount;
        if (int.TryParse(_text.Text(scalar), NumberStyles.None, CultureInfo.InvariantCulture, out var workers)
            && workers is >= 1 and <= 64)
            return workers;
        _diagnostics.Error(DiagnosticIds.InvalidValue, scalar, "'workers' is auto or a number from 1 to 64.");
        return 1;
    }

    /// <summary>Where HTTP is listened on: where it is said, or by default where a source needs it.</summary>
    private WebSettings? Web(MappingReader root, bool isNeeded)
    {
        if (root.Mapping("web") is not { } node)
            return isNeeded ? new WebSettings(WebSettings.DefaultAddress, null) : null;
        var reader = new MappingReader(node, DeploymentKeys.Web, _diagnostics);
        var listen = reader.Scalar("listen");
        var address = listen is null ? WebSettings.DefaultAddress : _text.OwnAddress(listen);
        var token = _text.TextOf(reader.Scalar("token"));
        if (token is null && address is not null && !IPAddress.IsLoopback(address.Address))
            _diagnostics.Error(
                DiagnosticIds.MissingKey, node, "Whoever can reach this machine could come in: it takes a 'token'.",
                "token: \"${CEP_TOKEN}\"");
        if (token is { Length: < 16 } && reader.Scalar("token") is { } scalar && token.Length > 0)
            _diagnostics.Error(DiagnosticIds.InvalidValue, scalar, "A token has 16 characters or more.");
        return address is null ? null : new WebSettings(address, token) { OpenMetrics = OpenMetrics(reader) };
    }

    private bool OpenMetrics(MappingReader web)
    {
        if (web.Scalar("metrics") is not { } scalar)
            return false;
        if (scalar.Value is not ("open" or "token"))
            _diagnostics.Error(DiagnosticIds.InvalidValue, scalar, "'metrics' is open or token.");
        return scalar.Value == "open";
    }
}
