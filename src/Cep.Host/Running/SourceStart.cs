using System.Net;
using System.Net.Sockets;
using Cep.Connectors;
using Cep.Connectors.Files;
using Cep.Connectors.Formats;
using Cep.Connectors.Http;
using Cep.Connectors.Sockets;
using Cep.Events;
using Cep.Host.Deployments;
using Cep.Host.Rules;

namespace Cep.Host.Running;

/// <summary>Builds the sources that a deployment names.</summary>
internal static class SourceStart
{
    /// <exception cref="InvalidDataException">It is for a stream that the rules do not declare, or an address or file
    /// is no good.</exception>
    public static ISource Create(
        SourceSettings settings, Deployment deployment, Engine engine, TimeProvider clock, Action<string> log)
    {
        var stream = engine.Plan.Streams.FirstOrDefault(s => s.Schema.Name == settings.Stream && !s.Derived)
            ?? throw new InvalidDataException(
                $"a source is for the stream '{settings.Stream}', which the rules do not declare");

        // what is kept may be read by other rules later on, and rules that run may be changed
        var readsAll = deployment.State is not null || deployment.Reload;
        var options = new DecoderOptions(readsAll ? null : engine.FieldsRead(settings.Stream));
        switch (settings)
        {
            case TcpSettings tcp:
                return Tcp(tcp, stream.Schema, options with { MaxLineBytes = tcp.MaxLineBytes }, clock);
            case UdpSettings udp:
                return Bound(
                    $"udp listen {udp.Address}", () => UdpSource.Listen(udp.Address, stream.Schema, options, clock));
            case HttpSettings http:
                var limits = new HttpLimits { Dedupe = http.Dedupe };
                return new HttpSource(http.Path, stream.Schema, options, clock, limits);
            case MqttSettings mqtt:
                return MqttStart.Source(mqtt, stream.Schema, options, clock, log);
            case FileSettings file:
                return new FileSource(
                    file.Path, () => FilePattern.IsPattern(file.Path) ? FilePattern.Find(file.Path) : [file.Path],
                    file.Follow, stream.Schema, options, clock, log);
            default:
                throw new InvalidOperationException($"no source for {settings.GetType().Name}");
        }
    }

    private static TcpSource Tcp(TcpSettings tcp, StreamSchema schema, DecoderOptions options, TimeProvider clock)
    {
        var limits = tcp.Limits with { Tls = tcp.Tls is { } tls ? TlsFiles.Read(tls.Cert, tls.Key, tls.Ca) : null };
        if (!tcp.Listen)
            return TcpSource.Connect(tcp.Host, tcp.Port, schema, options, clock, limits);
        return Bound($"tcp listen {tcp.Host}:{tcp.Port}", () =>
        {
            var address = IPAddress.TryParse(tcp.Host, out var ip) ? ip : Dns.GetHostAddresses(tcp.Host)[0];
            return TcpSource.Listen(new IPEndPoint(address, tcp.Port), schema, options, clock, limits);
        });
    }

    private static T Bound<T>(string name, Func<T> bind)
    {
        try
        {
            return bind();
        }
        catch (SocketException e)
        {
            throw new InvalidDataException($"{name}: {e.Message}", e);
        }
    }
}
