using System.Globalization;
using System.Net.Sockets;

namespace Cep.Cli.Simulating;

/// <summary>Where the events of each stream of a simulation go: a file, standard output, a TCP peer
/// or an MQTT broker.</summary>
internal sealed class SimulationTargets : IDisposable
{
    private const string Tcp = "tcp://";
    private readonly Dictionary<string, ISimulationTarget> _streams = new(StringComparer.Ordinal);

    /// <param name="world">Its main stream takes the target that names no stream.</param>
    /// <param name="targets"><c>[STREAM=]TARGET</c>, each.</param>
    /// <exception cref="CommandFailure">A peer can't be reached.</exception>
    public SimulationTargets(string world, IEnumerable<string> targets)
    {
        foreach (var text in targets)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var stream = equals > 0 ? text[..equals] : MainStream(world);
            if (!_streams.TryAdd(stream, Open(text[(equals + 1)..], stream)))
                throw new CommandFailure($"--to names two targets for the stream '{stream}'");
        }
    }

    /// <summary>Whether events go out in real time, as a peer expects them.</summary>
    public bool IsLive { get; private set; }

    public static string MainStream(string world) => world switch
    {
        "fraud" => "payments",
        "sensors" => "readings",
        _ => world,
    };

    public bool Takes(string stream) => _streams.ContainsKey(stream);

    public void Write(string stream, ReadOnlySpan<byte> json)
    {
        if (_streams.TryGetValue(stream, out var target))
            target.Write(json);
    }

    public void Flush()
    {
        foreach (var target in _streams.Values)
            target.Flush();
    }

    public void Dispose()
    {
        foreach (var target in _streams.Values)
            target.Dispose();
    }

    private ISimulationTarget Open(string target, string stream)
    {
        if (target == "-")
            return new LineTarget(new BufferedStream(Console.OpenStandardOutput(), 1 << 16));
        IsLive |= MqttTarget.Takes(target) || target.StartsWith(Tcp, StringComparison.Ordinal);
        if (MqttTarget.Takes(target))
            return Uri.TryCreate(target, UriKind.Absolute, out var broker) && broker.Host.Length > 0
                ? new MqttTarget(broker, stream, TimeProvider.System)
                : throw new CommandFailure($"'{target}' is not mqtt://HOST:PORT/TOPIC");
        return target.StartsWith(Tcp, StringComparison.Ordinal)
            ? OpenTcp(target)
            : new LineTarget(new FileStream(target, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16));
    }

    private static LineTarget OpenTcp(string target)
    {
        var address = target[Tcp.Length..].TrimEnd('/');
        var colon = address.LastIndexOf(':');
        if (colon <= 0
            || !ushort.TryParse(
                address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            throw new CommandFailure($"'{target}' is not tcp://HOST:PORT");
        try
        {
            var client = new TcpClient(address[..colon].Trim('[', ']'), port);
            return new LineTarget(new BufferedStream(client.GetStream(), 1 << 16));
        }
        catch (SocketException e)
        {
            throw new CommandFailure($"{target}: {e.Message}");
        }
    }
}
