using System.Collections.Concurrent;
using System.Net.Sockets;
using Cep.Connectors.Formats;
using Cep.Events;
using Cep.Mqtt;
using Cep.Mqtt.Client;
using Cep.Mqtt.Listening;

namespace Cep.Connectors.Mqtt;

/// <summary>Makes the client of an MQTT source or sink.</summary>
public delegate IMqttConnection MqttConnector(MqttConnectionOptions options, TimeProvider clock);

/// <summary>
/// Events from MQTT: as a client of a broker, or as an endpoint that devices publish to themselves. Messages of QoS 1
/// and 2 are acknowledged once their events are kept, so that none is lost; what a peer then sends again is recognised,
/// so that none comes twice, also after a crash.
/// </summary>
public sealed class MqttSource : ISource, IDisposable
{
    private readonly StreamSchema _schema;
    private readonly MqttSourceOptions _options;
    private readonly MessageDecoders _decoders;
    private readonly MqttConnectionOptions? _broker;
    private readonly IMqttConnection? _connection;
    private readonly MqttListenerOptions? _listening;
    private readonly MqttListener? _listener;
    private readonly ConcurrentDictionary<string, RecentMessages> _recent = new(StringComparer.Ordinal);
    private long _unremembered;

    private MqttSource(
        string name, StreamSchema schema, DecoderOptions decoding, MqttSourceOptions options, TimeProvider clock)
    {
        Name = name;
        _schema = schema;
        _options = options;
        _decoders = new MessageDecoders(schema, decoding, options, clock);
    }

    private MqttSource(
        MqttConnectionOptions broker, IMqttConnection connection, StreamSchema schema, DecoderOptions decoding,
        MqttSourceOptions options, TimeProvider clock)
        : this($"mqtt {broker} {broker.ClientId}".TrimEnd(), schema, decoding, options, clock)
    {
        _broker = broker;
        _connection = connection;
    }

    private MqttSource(
        MqttListenerOptions listening, MqttListener listener, StreamSchema schema, DecoderOptions decoding,
        MqttSourceOptions options, TimeProvider clock)
        : this($"mqtt listen {listener.Address}", schema, decoding, options, clock)
    {
        _listening = listening;
        _listener = listener;
    }

    public string Name { get; }

    public string Stream => _schema.Name;

    /// <summary>The port that is listened on.</summary>
    public int Port => _listener!.Address.Port;

    /// <summary>
    /// Clients with a session whose messages were not remembered, as there were more than
    /// <see cref="MqttListenerOptions.MaxSessions"/>: what they send again comes again.
    /// </summary>
    public long Unremembered => Interlocked.Read(ref _unremembered);

    /// <summary>Connects when it runs.</summary>
    /// <param name="broker">The broker, and what is subscribed to.</param>
    /// <param name="schema">The stream.</param>
    /// <param name="decoding">What is kept of events.</param>
    /// <param name="options">What messages hold.</param>
    /// <param name="clock">Stamps arrivals and measures silence.</param>
    /// <param name="connector">Makes the client, if it is to be another than our own.</param>
    /// <exception cref="InvalidDataException">A field is mapped that can't be.</exception>
    public static MqttSource Connect(
        MqttConnectionOptions broker, StreamSchema schema, DecoderOptions decoding, MqttSourceOptions options,
        TimeProvider clock, MqttConnector? connector = null) =>
        new(
            broker, connector?.Invoke(broker, clock) ?? new MqttClient(broker, clock), schema, decoding, options,
            clock);

    /// <summary>Listens from now on.</summary>
    /// <exception cref="SocketException">The address is in use or not this machine's.</exception>
    /// <exception cref="InvalidDataException">A field is mapped that can't be.</exception>
    public static MqttSource Listen(
        MqttListenerOptions listening, StreamSchema schema, DecoderOptions decoding, MqttSourceOptions options,
        TimeProvider clock)
    {
        var listener = MqttListener.Listen(listening, clock);
        try
        {
            return new MqttSource(listening, listener, schema, decoding, options, clock);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    public async Task RunAsync(Intake intake, CancellationToken stop)
    {
        if (_listener is not null)
        {
            await _listener.RunAsync(
                peer => ArrivalsOf(peer, intake), stop, id => RecentOf(id, intake)?.IsEmpty == false);
            return;
        }

        // a session that ends with its connection sends nothing again
        var recent = _broker!.SessionExpiry > TimeSpan.Zero
            ? new RecentMessages("sent", 2 * _broker.ReceiveMaximum, intake.LastMark)
            : null;
        await _connection!.RunAsync(
            new MqttArrivals(_decoders, recent, intake, state => _options.Log($"source {Name}: {state}")), stop);
    }

    public void Dispose() => _listener?.Dispose();

    private MqttArrivals ArrivalsOf(MqttPeer peer, Intake intake) =>
        new(_decoders, peer.KeepsSession ? RecentOf(peer.ClientId, intake) : null, intake, _ => { });

    private RecentMessages? RecentOf(string clientId, Intake intake)
    {
        if (_recent.TryGetValue(clientId, out var recent))
            return recent;
        if (_recent.Count >= _listening!.MaxSessions)
        {
            Interlocked.Increment(ref _unremembered);
            return null;
        }

        return _recent.GetOrAdd(
            clientId, id => new RecentMessages($"client/{id}", _listening.ReceiveMaximum, intake.LastMark));
    }
}
