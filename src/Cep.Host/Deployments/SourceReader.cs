using System.Text.RegularExpressions;
using Cep.Connectors.Sockets;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Host.Deployments;

/// <summary>Reads the sources of a deployment file.</summary>
internal sealed partial class SourceReader(SettingText text, MqttReader mqtt)
{
    private static readonly string[] Kinds = ["tcp", "udp", "http", "file", "mqtt"];
    private readonly DiagnosticBag _diagnostics = text.Diagnostics;
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    public SourceSettings? Read(YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.Source, _diagnostics);
        var stream = text.TextOf(reader.Scalar("stream")) ?? "";
        if (Kinds.Count(reader.Has) != 1)
        {
            _diagnostics.Error(
                DiagnosticIds.WrongShape, node, $"A source has one of {string.Join(", ", Kinds)}.");
            return null;
        }

        if (reader.Mapping("mqtt") is { } messages)
            return mqtt.Source(stream, reader, messages);
        mqtt.Misplaced(reader, ["map"], "mqtt");
        if (reader.Mapping("tcp") is { } tcp)
            return Tcp(stream, tcp);
        if (reader.Mapping("udp") is { } udp)
            return Udp(stream, udp);
        if (reader.Mapping("http") is { } http)
            return Http(stream, http);
        return reader.Mapping("file") is { } file ? File(stream, file) : null;
    }

    private FileSettings? File(string stream, YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.FileSource, _diagnostics);
        return reader.Scalar("path") is { } path
            ? new FileSettings(stream, text.Path(path), text.Flag(reader.Scalar("follow")))
            : null;
    }

    private UdpSettings? Udp(string stream, YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.Udp, _diagnostics);
        return reader.Scalar("listen") is { } listen && text.OwnAddress(listen) is { } address
            ? new UdpSettings(stream, address)
            : null;
    }

    private HttpSettings? Http(string stream, YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.Http, _diagnostics);
        if (reader.Scalar("path") is not { } scalar)
            return null;
        var path = text.Text(scalar);
        if (!PostPath().IsMatch(path))
            _diagnostics.Error(
                DiagnosticIds.InvalidValue, scalar,
                "A path to post to is /NAME or /NAME/NAME, such as /events/logins.");
        else if (!_paths.Add(path))
            _diagnostics.Error(DiagnosticIds.InvalidValue, scalar, $"Another source has the path {path}.");
        return new HttpSettings(stream, path, text.Flag(reader.Scalar("dedupe")));
    }

    private TcpSettings? Tcp(string stream, YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.Tcp, _diagnostics);
        if (reader.Has("listen") == reader.Has("connect"))
        {
            _diagnostics.Error(DiagnosticIds.WrongShape, node, "A tcp source has one of listen, connect.");
            return null;
        }

        var limits = new TcpOptions();
        limits = limits with
        {
            Acknowledge = text.Flag(reader.Scalar("ack")),
            MaxPeers = text.Number(reader, "max_peers", limits.MaxPeers, 1, 65_536),
            IdleLimit = text.Duration(reader, "idle", limits.IdleLimit),
        };
        if (reader.Has("connect") && reader.OwnKey("ack") is { } ack)
            _diagnostics.Error(
                DiagnosticIds.InvalidValue, ack, "Only who connects to a listening source is acknowledged.");
        var tls = reader.Mapping("tls") is { } files ? Tls(files, reader.Has("listen")) : null;
        var maxLine = (int)text.Bytes(reader, "max_line", 1 << 20, 64, 64 << 20);
        var scalar = reader.Scalar("listen") ?? reader.Scalar("connect");
        if (scalar is null || text.Address(scalar) is not var (host, port))
            return null;
        return new TcpSettings(stream, reader.Has("listen"), host, port)
        {
            Limits = limits,
            Tls = tls,
            MaxLineBytes = maxLine,
        };
    }

    private TlsSettings Tls(YamlMapping node, bool isServer)
    {
        var reader = new MappingReader(node, DeploymentKeys.Tls, _diagnostics);
        if (isServer && !reader.Has("cert"))
            _diagnostics.Error(
                DiagnosticIds.MissingKey, node, "Whoever listens needs a certificate.", "cert: a PEM file");
        return new TlsSettings(
            text.PathOf(reader.Scalar("cert")), text.PathOf(reader.Scalar("key")), text.PathOf(reader.Scalar("ca")));
    }

    // nothing that means something else in a route
    [GeneratedRegex("^(/[A-Za-z0-9._~-]+)+$")]
    private static partial Regex PostPath();
}
