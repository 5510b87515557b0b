using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Host.Deployments;

/// <summary>Reads the sinks of a deployment file.</summary>
internal sealed class SinkReader(SettingText text)
{
    private static readonly string[] Kinds = ["webhook", "stdout"];
    private readonly DiagnosticBag _diagnostics = text.Diagnostics;

    public IEnumerable<SinkSettings> Read(MappingReader root)
    {
        foreach (var entry in root.Mapping("sinks")?.Entries ?? [])
        {
            if (entry.Value is not YamlMapping node)
            {
                _diagnostics.Error(
                    DiagnosticIds.WrongShape, entry.Value,
                    $"A sink is a mapping with one of {string.Join(", ", Kinds)}.");
                continue;
            }

            var reader = new MappingReader(node, DeploymentKeys.Sink, _diagnostics);
            if (Kinds.Count(reader.Has) != 1)
                _diagnostics.Error(DiagnosticIds.WrongShape, node, $"A sink has one of {string.Join(", ", Kinds)}.");
            else if (Sink(entry.Key.Value, reader) is { } settings)
                yield return settings;
        }
    }

    private SinkSettings? Sink(string name, MappingReader reader)
    {
        if (reader.Has("stdout"))
            return new StdoutSettings(name);
        return reader.Mapping("webhook") is { } webhook ? Webhook(name, webhook) : null;
    }

    private WebhookSettings? Webhook(string name, YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.Webhook, _diagnostics);
        if (reader.Has("format"))
            reader.Word("format");
        var secret = reader.Scalar("secret") is { } key ? Secret(key) : null;
        return reader.Scalar("url") is { } url && text.Url(url) is { } address
            ? new WebhookSettings(name, address, secret)
            : null;
    }

    private string Secret(YamlScalar scalar)
    {
        var secret = text.Text(scalar);
        if (secret.StartsWith("whsec_", StringComparison.Ordinal)
            && !Convert.TryFromBase64String(secret["whsec_".Length..], new byte[secret.Length], out _))
            _diagnostics.Error(
                DiagnosticIds.InvalidValue, scalar, "A secret that begins with whsec_ goes on in base64.");
        return secret;
    }
}
