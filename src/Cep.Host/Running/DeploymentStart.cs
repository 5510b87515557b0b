using System.Net;
using System.Net.Sockets;
using Cep.Connectors;
using Cep.Connectors.Files;
using Cep.Connectors.Formats;
using Cep.Connectors.Sockets;
using Cep.Connectors.Webhooks;
using Cep.Events;
using Cep.Host.Deployments;
using Cep.Host.Keeping;
using Cep.Host.Rules;

namespace Cep.Host.Running;

/// <summary>Builds what a deployment names.</summary>
public static class DeploymentStart
{
    /// <param name="deployment">What is to run.</param>
    /// <param name="rules">Its rules, and their texts.</param>
    /// <param name="clock">The only clock that arrival stamps, pauses and signatures go by.</param>
    /// <param name="log">Takes lines for whoever operates it.</param>
    /// <exception cref="InvalidDataException">A source is for a stream that the rules do not declare, or an address is
    /// no good.</exception>
    /// <exception cref="Storage.StoreException">The state can't be opened or recovered.</exception>
    public static RunningDeployment Create(
        Deployment deployment, RuleTexts rules, TimeProvider clock, Action<string> log)
    {
        var state = KeptState.Open(deployment, rules, clock, log);
        try
        {
            var engine = state.Playback.Engine;
            var sources = deployment.Sources.SelectMany(s => Sources(s, deployment, engine, clock)).ToList();
            var sinks = deployment.Sinks.Select(s => Sink(s, clock)).ToList();
            return new RunningDeployment(state, sources, sinks, deployment, clock, log);
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    private static IEnumerable<ISource> Sources(
        SourceSettings settings, Deployment deployment, Engine engine, TimeProvider clock)
    {
        var stream = engine.Plan.Streams.FirstOrDefault(s => s.Schema.Name == settings.Stream && !s.Derived)
            ?? throw new InvalidDataException(
                $"a source is for the stream '{settings.Stream}', which the rules do not declare");

        // what is kept may be read by other rules later on
        var options = new DecoderOptions(deployment.State is null ? engine.FieldsRead(settings.Stream) : null);
        switch (settings)
        {
            case TcpSettings { Listen: true } tcp:
                return [Listen(tcp, stream.Schema, options, clock)];
            case TcpSettings tcp:
                return [TcpSource.Connect(tcp.Host, tcp.Port, stream.Schema, options, clock)];
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
        _ => new StdoutSink(settings.Name, Console.OpenStandardOutput()),
    };
}
