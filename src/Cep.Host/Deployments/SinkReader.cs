using System.Globalization;
using Cep.Connectors.Mail;
using Cep.Connectors.Webhooks;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Host.Deployments;

/// <summary>Reads the sinks of a deployment file.</summary>
internal sealed class SinkReader(SettingText text, MqttReader mqtt)
{
    private static readonly string[] Kinds = ["webhook", "alertmanager", "smtp", "mqtt", "file", "stdout"];
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
        if (reader.Mapping("webhook") is { } webhook)
            return Webhook(name, webhook);
        if (reader.Mapping("alertmanager") is { } alertmanager)
            return Alertmanager(name, alertmanager);
        if (reader.Mapping("smtp") is { } smtp)
            return Smtp(name, smtp);
        if (reader.Mapping("mqtt") is { } messages)
            return mqtt.Sink(name, messages);
        return reader.Mapping("file") is { } file ? File(name, file) : null;
    }

    private WebhookSettings? Webhook(string name, YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.Webhook, _diagnostics);
        if (reader.Has("format"))
            reader.Word("format");
        if (reader.Has("format") && reader.OwnKey("template") is { } both)
            _diagnostics.Error(DiagnosticIds.WrongShape, both, "A webhook has one of format, template.");
        var secrets = reader.Scalars("secret").Select(Secret).ToList();
        var template = reader.Scalar("template") is { } path ? Template(path) : null;
        var delivery = Delivery(reader);
        return reader.Scalar("url") is { } url && text.Url(url) is { } address
            ? new WebhookSettings(
                name, new WebhookOptions(address) { Secrets = secrets, Template = template, Delivery = delivery })
            : null;
    }

    private AlertmanagerSettings? Alertmanager(string name, YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.Alertmanager, _diagnostics);
        var delivery = Delivery(reader);
        return reader.Scalar("url") is { } url && text.Url(url) is { } address
            ? new AlertmanagerSettings(name, address, delivery)
            : null;
    }

    private FileSinkSettings? File(string name, YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.FileSink, _diagnostics);
        long? rotate = reader.Has("rotate") ? text.Bytes(reader, "rotate", 0, 1024, long.MaxValue) : null;
        var keep = text.Number(reader, "keep", 5, 0, 1000);
        return reader.Scalar("path") is { } path
            ? new FileSinkSettings(name, text.Path(path), rotate, keep)
            : null;
    }

    private SmtpSettings? Smtp(string name, YamlMapping node)
    {
        var reader = new MappingReader(node, DeploymentKeys.Smtp, _diagnostics);
        var from = reader.Scalar("from") is { } sender ? MailAddress(sender) : null;
        var to = reader.Scalars("to").Select(MailAddress).OfType<string>().ToList();
        var user = text.TextOf(reader.Scalar("username"));
        var password = text.TextOf(reader.Scalar("password"));
        var tls = text.Flag(reader.Scalar("tls"), otherwise: true);
        var delivery = Delivery(reader) with { AttemptLimit = TimeSpan.FromSeconds(30) };
        if (user is not null && !tls)
            _diagnostics.Error(
                DiagnosticIds.InvalidValue, reader.Scalar("tls")!, "Without tls the password would be read by others.");
        if (reader.Scalar("server") is not { } server || text.Address(server) is not var (host, port)
            || from is null || to.Count == 0)
            return null;
        return new SmtpSettings(name, new SmtpOptions(host, port, from, to)
        {
            Tls = tls,
            Username = user,
            Password = password,
            Delivery = delivery,
        });
    }

    private DeliveryOptions Delivery(MappingReader reader)
    {
        var options = new DeliveryOptions();
        return options with
        {
            RetryFor = text.Duration(reader, "retry_for", options.RetryFor),
            AttemptLimit = text.Duration(reader, "timeout", options.AttemptLimit),
            Rate = reader.Scalar("rate") is { } rate ? Rate(rate) : null,
        };
    }

    private double? Rate(YamlScalar scalar)
    {
        var parts = text.Text(scalar).Split('/');
        var seconds = parts is [_, var unit] ? unit.Trim() switch { "s" => 1, "m" => 60, "h" => 3600, _ => 0 } : 0;
        if (seconds > 0
            && int.TryParse(parts[0].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count > 0)
            return (double)count / seconds;
        _diagnostics.Error(
            DiagnosticIds.InvalidValue, scalar, "A rate is a number and a unit of time, such as 10/s or 30/m.");
        return null;
    }

    private AlertTemplate? Template(YamlScalar scalar)
    {
        var path = text.Path(scalar);
        try
        {
            return AlertTemplate.Compile(System.IO.Path.GetFileName(path), System.IO.File.ReadAllText(path));
        }
        catch (FormatException e)
        {
            _diagnostics.Error(DiagnosticIds.InvalidValue, scalar, $"{e.Message.TrimEnd('.')}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _diagnostics.Error(DiagnosticIds.InvalidValue, scalar, $"The template can't be read: {e.Message}");
        }

        return null;
    }

    private string? MailAddress(YamlScalar scalar)
    {
        var address = text.Text(scalar);
        if (System.Net.Mail.MailAddress.TryCreate(address, out _) && !address.AsSpan().ContainsAny('\r', '\n'))
            return address;
        _diagnostics.Error(DiagnosticIds.InvalidValue, scalar, "This is no mail address.");
        return null;
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
