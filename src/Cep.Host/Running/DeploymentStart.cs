using System.Net;
using System.Net.Sockets;
using Cep.Connectors;
using Cep.Connectors.Files;
using Cep.Connectors.Formats;
using Cep.Connectors.Sockets;
using Cep.Connectors.Webhooks;
using Cep.Events;
using Cep.Host.Deployments;
using Cep.Host.Rules;
using Cep.Plans;

namespace Cep.Host.Running;

/// <summary>Builds what a deployment names.</summary>
public static class DeploymentStart
{
    /// <param name="deployment">What is to run.</param>
    /// <param name="plan">Its rules.</param>
    /// <param name="clock">The only clock that arrival stamps, pauses and signatures go by.</param>
    /// <param name="log">Takes lines for whoever operates it.</param>
    /// <exception cref="InvalidDataException">A source is for a stream that the rules do not declare, or an address is
    /// no good.</exception>
    public static RunningDeployment Create(
        Deployment deployment, EnginePlan plan, TimeProvider clock, Action<string> log)
    {
        var engine = new Engine(plan, new EngineOptions(deployment.Workers));
        var sources = deployment.Sources.SelectMany(s => Sources(s, engine, clock, log)).ToList();
        var sinks = deployment.Sinks.Select(s => Sink(s, clock)).ToList();
        return new RunningDeployment(engine, sources, sinks, deployment, clock, log);
    }

    private static IEnumerable<ISource> Sources(
        SourceSettings settings, Engine engine, TimeProvider clock, Action<string> log)
    {
        var stream = engine.Plan.Streams.FirstOrDefault(s => s.Schema.Name == settings.Stream && !s.Derived)
            ?? throw new InvalidDataException(
                $"a source is for the stream '{settings.Stream}', which the rules do not declare");
        var options = new DecoderOptions(engine.FieldsRead(settings.Stream));
        switch (settings)
        {
            case TcpSettings { Listen: true } tcp:
                return [Listen(tcp, stream.Schema, options, clock)];
            case TcpSettings tcp:
                return [TcpSource.Connect(tcp.Host, tcp.Port, stream.Schema, options, clock)];
            case MqttSettings mqtt:
                return [MqttStart.Source(mqtt, stream.Schema, options, clock, log)];
            case FileSettings file:
                var paths = FilePattern.IsPattern(file.Path) ? FilePattern.Find(file.Path) : [file.Path];
                return paths.Select(p => new FileSource(p, file.Follow, stream.Schema, options, clock));
            default:
                throw new InvalidOperationException($"no source for {settings.GetType().Name}");
        }
    }

    private static TcpSource Listen(TcpSettings tcp, StreamSchema schema, DecoderOptions options, TimeProvider clock)
    {
        try
        {
            var address = IPAddress.TryParse(tcp.Host, out var ip) ? ip : Dns.GetHostAddresses(tcp.Host)[0];
            return TcpSource.Listen(new IPEndPoint(address, tcp.Port), schema, options, clock);
        }
        catch (SocketException e)
        {
            throw new InvalidDataException($"tcp listen {tcp.Host}:{tcp.Port}: {e.Message}", e);
        }
    }

    private static ISink Sink(SinkSettings settings, TimeProvider clock) => settings switch
    {
        WebhookSettings webhook => new WebhookSink(webhook.Name, webhook.Url, webhook.Secret, clock),
        MqttSinkSettings mqtt => MqttStart.Sink(mqtt, clock),
        _ => new StdoutSink(settings.Name, Console.OpenStandardOutput()),
    };
}
