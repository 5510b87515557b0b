using System.Text;
using Cep.Mqtt.Codec;
using Cep.Mqtt.Wire;

namespace Cep.Mqtt.Listening;

/// <summary>A connection of a client to a listener, from its CONNECT to its end.</summary>
internal sealed class PeerConnection
{
    public const int TopicAliases = 32;
    private readonly Link _link;
    private readonly ConnectPacket _connect;
    private readonly MqttListenerOptions _options;
    private readonly TimeProvider _clock;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _saidGoodbye;
    private WillPacket? _will;

    public PeerConnection(Link link, ConnectPacket connect, MqttListenerOptions options, TimeProvider clock)
    {
        _link = link;
        _connect = connect;
        _options = options;
        _clock = clock;
        _will = connect.Will;
        ClientId = connect.ClientId.Length > 0 ? connect.ClientId : $"auto-{Guid.NewGuid():N}";
        var asked = connect.Version == MqttVersion.V5
            ? TimeSpan.FromSeconds(connect.Properties.Number(PropertyId.SessionExpiry) ?? 0)
            : connect.CleanStart ? TimeSpan.Zero : TimeSpan.MaxValue;
        Expiry = asked < options.SessionExpiry ? asked : options.SessionExpiry;
        IsExpiryCut = asked > options.SessionExpiry;
    }

    public string ClientId { get; }

    public bool IsCleanStart => _connect.CleanStart;

    public TimeSpan Expiry { get; }

    /// <summary>Done when its session may have another connection.</summary>
    public Task Ended => _ended.Task;

    private bool IsExpiryCut { get; }

    /// <summary>Ends it in favour of a newer one.</summary>
    public void TakeOver() => _link.Fail(new MqttProtocolException(
        ReasonCode.SessionTakenOver, "another connection has the same client id"));

    public async Task ServeAsync(
        ListenerSession session, bool isPresent, Func<MqttPeer, IMqttReceiver> receiverOf, SessionTable sessions,
        CancellationToken stop)
    {
        var receiver = receiverOf(new MqttPeer(ClientId, Expiry > TimeSpan.Zero));
        var watching = WatchAsync();
        var why = "the client closed the connection";
        try
        {
            var ring = new ReceiptRing(
                session.Inbound, _link.Send, _options.ReceiveMaximum, waits: _link.Version == MqttVersion.V311);
            session.Inbound.Attach(ring, forgets: !isPresent);
            receiver.OnConnected(isPresent);
            _link.Write(Connack(isPresent));
            var paced = _options.MessagesPerSecond > 0
                ? new PacedReceiver(receiver, _options.MessagesPerSecond, _clock)
                : receiver;
            await _link.ReceiveAsync(paced, ring, session.Inbound, (header, body) => Take(header, body, session));
        }
        catch (MqttProtocolException e)
        {
            why = e.Message;
            await _link.CloseAsync(
                _link.Version == MqttVersion.V5 ? new ReasonPacket(PacketType.Disconnect, e.Reason) : null);
        }
        catch (OperationCanceledException)
        {
            why = "the listener stops";
            await _link.CloseAsync(_link.Version == MqttVersion.V5
                ? new ReasonPacket(PacketType.Disconnect, ReasonCode.ServerShuttingDown)
                : null);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            why = e.Message;
        }
        finally
        {
            _link.Dispose();
            await watching;
            receiver.OnDisconnected(why);
            await LeaveAsync(session, receiver, sessions, stop);
        }
    }

    private async Task LeaveAsync(
        ListenerSession session, IMqttReceiver receiver, SessionTable sessions, CancellationToken stop)
    {
        var delay = TimeSpan.FromSeconds(_will?.Properties.Number(PropertyId.WillDelay) ?? 0);
        delay = delay < session.Expiry ? delay : session.Expiry;
        var isDue = _will is not null && !_saidGoodbye && !stop.IsCancellationRequested;
        using var recalled = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (isDue && delay <= TimeSpan.Zero)
            await PublishWillAsync(receiver, stop);
        else if (isDue)
            session.Will = recalled;
        sessions.Leave(session);
        _ended.TrySetResult();
        if (!isDue || delay <= TimeSpan.Zero)
            return;
        try
        {
            await Task.Delay(delay, _clock, recalled.Token);
            await PublishWillAsync(receiver, stop);
        }
        catch (OperationCanceledException)
        {
            // the client came back in time, or the listener stops
        }

        session.Will = null;
    }

    private async Task PublishWillAsync(IMqttReceiver receiver, CancellationToken stop)
    {
        receiver.OnMessage(new MqttMessage
        {
            Topic = Encoding.UTF8.GetBytes(_will!.Topic),
            Payload = _will.Payload,
            Retain = _will.Retain,
        });
        await receiver.FlushAsync(stop);
    }

    private ConnackPacket Connack(bool isPresent)
    {
        if (_link.Version == MqttVersion.V311)
            return new ConnackPacket(isPresent, ReasonCode.Success);
        var properties = new List<MqttProperty>
        {
            MqttProperty.Of(PropertyId.ReceiveMaximum, (uint)_options.ReceiveMaximum),
            MqttProperty.Of(PropertyId.MaximumPacketSize, (uint)_options.Limits.PacketBytes),
            MqttProperty.Of(PropertyId.TopicAliasMaximum, TopicAliases),
            MqttProperty.Of(PropertyId.WildcardSubscriptionAvailable, 0),
            MqttProperty.Of(PropertyId.SubscriptionIdAvailable, 0),
            MqttProperty.Of(PropertyId.SharedSubscriptionAvailable, 0),
        };
        if (IsExpiryCut)
            properties.Add(MqttProperty.Of(PropertyId.SessionExpiry, (uint)Expiry.TotalSeconds));
        if (_connect.ClientId.Length == 0)
            properties.Add(MqttProperty.Of(PropertyId.AssignedClientId, ClientId));
        return new ConnackPacket(isPresent, ReasonCode.Success) { Properties = new MqttProperties(properties) };
    }

    private async Task WatchAsync()
    {
        // a client may be silent for one and a half times its keep-alive (MQTT 5.0, 3.1.2.10)
        var limit = TimeSpan.FromSeconds(1.5 * _connect.KeepAliveSeconds);
        try
        {
            while (limit > TimeSpan.Zero)
            {
                var left = limit - _link.Silence;
                if (left > TimeSpan.Zero)
                    await Task.Delay(left, _clock, _link.End);
                else
                    _link.Fail(new MqttProtocolException(
                        ReasonCode.KeepAliveTimeout, $"the client has been silent for {limit.TotalSeconds} seconds"));
                _link.End.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException)
        {
            // the connection has ended
        }
    }

    private void Take(byte header, ReadOnlySpan<byte> body, ListenerSession session)
    {
        switch (PacketParser.Parse(header, body, _link.Version, _options.Limits))
        {
            case PingPacket { Type: PacketType.Pingreq }:
                _link.Write(new PingPacket(PacketType.Pingresp));
                break;
            case SubscribePacket subscribe:
                var refused = _link.Version == MqttVersion.V5
                    ? ReasonCode.ImplementationSpecific
                    : ReasonCode.Unspecified;
                _link.Write(new SubackPacket(
                    PacketType.Suback, subscribe.PacketId, [.. subscribe.Filters.Select(_ => refused)]));
                break;
            case UnsubscribePacket unsubscribe:
                IEnumerable<ReasonCode> none = _link.Version == MqttVersion.V5
                    ? unsubscribe.Filters.Select(_ => ReasonCode.NoSubscriptionExisted)
                    : [];
                _link.Write(new SubackPacket(PacketType.Unsuback, unsubscribe.PacketId, [.. none]));
                break;
            case ReasonPacket { Type: PacketType.Disconnect } disconnect:
                Goodbye(disconnect, session);
                break;
            case var packet:
                throw new MqttProtocolException(
                    ReasonCode.ProtocolError, $"the client sent a {packet.GetType().Name} where there is none");
        }
    }

    private void Goodbye(ReasonPacket disconnect, ListenerSession session)
    {
        if (disconnect.Properties.Number(PropertyId.SessionExpiry) is { } expiry)
        {
            if (expiry > 0 && session.Expiry == TimeSpan.Zero)
                throw new MqttProtocolException(
                    ReasonCode.ProtocolError, "a session that ends with its connection can't be prolonged");
            var asked = TimeSpan.FromSeconds(expiry);
            session.Expiry = asked < _options.SessionExpiry ? asked : _options.SessionExpiry;
        }

        _saidGoodbye = disconnect.Reason != ReasonCode.DisconnectWithWill;
        if (_saidGoodbye)
            _will = null;
        _link.Finish();
    }
}
