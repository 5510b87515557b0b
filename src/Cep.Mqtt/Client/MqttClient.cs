using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Cep.Mqtt.Codec;
using Cep.Mqtt.Wire;

namespace Cep.Mqtt.Client;

/// <summary>
/// A client of MQTT 3.1.1 or 5.0. Its session lives as long as it does: a connection that breaks is made again, and
/// what was under way goes on.
/// </summary>
public sealed class MqttClient : IMqttConnection
{
    private const int InboundAliases = 64;

    /// <summary>What a broker of MQTT 3.1.1 takes at a time it does not tell; mosquitto takes this.</summary>
    private const int UntoldQuota = 20;

    private readonly MqttConnectionOptions _options;
    private readonly TimeProvider _clock;
    private readonly PublishWindow _window;
    private readonly InboundSession _session = new();
    private readonly SubscribePacket? _subscribe;
    private readonly SslClientAuthenticationOptions? _tls;
    private TaskCompletionSource<Link> _link = NewLink();
    private bool _connectedBefore;
    private int _packetBytesOfBroker = int.MaxValue;
    private MqttQos _qosOfBroker = MqttQos.ExactlyOnce;
    private int _running;

    /// <exception cref="ArgumentException">A filter can't be one, or a number is out of its range.</exception>
    /// <exception cref="IOException">A certificate's file can't be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It holds no certificate.</exception>
    public MqttClient(MqttConnectionOptions options, TimeProvider clock)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(options.ReceiveMaximum is >= 1 and <= 65535, true);
        ArgumentOutOfRangeException.ThrowIfNotEqual(options.PublishMaximum is >= 1 and < 65535, true);
        foreach (var subscription in options.Subscriptions)
            if (MqttTopic.FaultOfFilter(subscription.Filter) is { } fault)
                throw new ArgumentException($"The filter '{subscription.Filter}' can't be: {fault}.", nameof(options));
        _options = options;
        _clock = clock;
        _window = new PublishWindow(options.PublishMaximum);
        _tls = options.Tls?.ForClient(options.Host);
        if (options.Subscriptions.Count > 0)
            _subscribe = new SubscribePacket(
                ushort.MaxValue, [.. options.Subscriptions.Select(s => new Subscription(s.Filter, s.Qos))]);
    }

    public async Task RunAsync(IMqttReceiver receiver, CancellationToken stop)
    {
        if (Interlocked.Exchange(ref _running, 1) != 0)
            throw new InvalidOperationException("This client runs already; make another one.");
        var backoff = new Backoff(_options.FirstPause, _options.LongestPause, _clock);
        while (true)
        {
            var begin = _clock.GetTimestamp();
            try
            {
                await ConnectAndReceiveAsync(receiver, stop);
            }
            catch (Exception e) when (IsOfTheConnection(e))
            {
                stop.ThrowIfCancellationRequested();
                receiver.OnDisconnected(e.Message);
                if (!_options.Reconnects)
                    throw e is MqttRefusedException or IOException ? e : new IOException(e.Message, e);
            }

            // a broker that takes the connection only to end it at once is not asked again and again
            if (_clock.GetElapsedTime(begin) > _options.LongestPause)
                backoff.Reset();
            await backoff.PauseAsync(stop);
        }
    }

    public async Task PublishAsync(MqttPublication message, CancellationToken stop)
    {
        var topic = Encoding.UTF8.GetBytes(message.Topic);
        MqttTopic.CheckName(topic, ushort.MaxValue);
        if (topic.Length + message.Payload.Length + 16 > _packetBytesOfBroker)
            throw new MqttRefusedException(
                ReasonCode.PacketTooLarge,
                $"a message of {message.Payload.Length} bytes; the broker takes packets of {_packetBytesOfBroker}");
        if (message.Qos > _qosOfBroker)
            throw new MqttRefusedException(
                ReasonCode.QosNotSupported, $"the broker takes messages up to QoS {(int)_qosOfBroker}");
        if (message.Qos > 0)
        {
            await _window.PublishAsync(message, stop);
            return;
        }

        var link = await _link.Task.WaitAsync(stop);
        link.Publish(topic, message.Payload.Span, MqttQos.AtMostOnce, message.Retain, false, 0);
        await link.Send.RoomAsync().WaitAsync(stop);
    }

    /// <summary>Done when all that was published so far with QoS 0 is written.</summary>
    public async Task FlushAsync(CancellationToken stop) =>
        await (await _link.Task.WaitAsync(stop)).Send.DrainAsync().WaitAsync(stop);

    private static TaskCompletionSource<Link> NewLink() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static bool IsOfTheConnection(Exception e) => e is IOException or SocketException or MqttRefusedException
        or MqttProtocolException or AuthenticationException or ObjectDisposedException or TimeoutException;

    private async Task ConnectAndReceiveAsync(IMqttReceiver receiver, CancellationToken stop)
    {
        using var link = await OpenAsync(stop);
        var connack = await ShakeHandsAsync(link, stop);
        var subscribes = _subscribe is not null && !(connack.SessionPresent && _connectedBefore);
        _connectedBefore = true;
        var ring = new ReceiptRing(_session, link.Send, UnacknowledgedLimit(link.Version), waits: true);
        _session.Attach(ring, forgets: !connack.SessionPresent);
        if (subscribes)
            link.Write(_subscribe!);
        receiver.OnConnected(connack.SessionPresent);
        _packetBytesOfBroker =
            (int)Math.Min(int.MaxValue, connack.Properties.Number(PropertyId.MaximumPacketSize) ?? int.MaxValue);
        _qosOfBroker = (MqttQos)(connack.Properties.Number(PropertyId.MaximumQos) ?? 2);
        var quota = link.Version == MqttVersion.V5
            ? (int)(connack.Properties.Number(PropertyId.ReceiveMaximum) ?? 65535)
            : UntoldQuota;
        _window.Resume(link, Math.Min(quota, _options.PublishMaximum), connack.SessionPresent);
        _link.TrySetResult(link);
        var keepAlive = connack.Properties.Number(PropertyId.ServerKeepAlive) is { } seconds
            ? TimeSpan.FromSeconds(seconds)
            : _options.KeepAlive;
        var watching = WatchAsync(link, keepAlive);
        try
        {
            await link.ReceiveAsync(receiver, ring, _session, (header, body) => Take(header, body, link.Version));
            throw new EndOfStreamException("the broker closed the connection");
        }
        catch (MqttProtocolException e)
        {
            if (link.Version == MqttVersion.V5)
                await link.CloseAsync(new ReasonPacket(PacketType.Disconnect, e.Reason));
            throw;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await link.CloseAsync(new ReasonPacket(PacketType.Disconnect, ReasonCode.Success));
            throw;
        }
        finally
        {
            _link = NewLink();
            _window.Suspend();
            link.Fail(new IOException("the connection ended"));
            await watching;
        }
    }

    /// <summary>
    /// A broker of MQTT 3.1.1 knows no limit, and one of 5.0 may miscount (mosquitto 2.0.11 does): it is left waiting
    /// at twice what it was told, so that one that counts right is never kept from sending something else.
    /// </summary>
    private int UnacknowledgedLimit(MqttVersion version) =>
        version == MqttVersion.V5 ? 2 * _options.ReceiveMaximum : _options.ReceiveMaximum;

    private async Task<Link> OpenAsync(CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            await socket.ConnectAsync(_options.Host, _options.Port, limit.Token);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (_tls is not null)
            {
                var tls = new SslStream(stream);
                stream = tls;
                await tls.AuthenticateAsClientAsync(_tls, limit.Token);
            }

            return new Link(stream, null, _options.Version, _options.Limits, InboundAliases, _clock, stop);
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (stream is not null)
                await stream.DisposeAsync();
            if (e is OperationCanceledException && !stop.IsCancellationRequested)
                throw new TimeoutException($"{_options} did not answer within {_options.ConnectTimeout}");
            throw;
        }
    }

    private async Task<ConnackPacket> ShakeHandsAsync(Link link, CancellationToken stop)
    {
        link.Write(Connect());
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            if (await link.ReadFirstAsync(limit.Token) is not ConnackPacket connack)
                throw new MqttProtocolException(ReasonCode.ProtocolError, "the broker's first packet is no CONNACK");
            return connack.Reason == ReasonCode.Success
                ? connack
                : throw new MqttRefusedException(connack.Reason, $"the broker refused the connection: {Why(connack)}");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TimeoutException($"{_options} did not answer within {_options.ConnectTimeout}");
        }
    }

    private ConnectPacket Connect()
    {
        var isLasting = _options.SessionExpiry > TimeSpan.Zero;
        var properties = new List<MqttProperty>();
        if (_options.Version == MqttVersion.V5)
        {
            properties.Add(MqttProperty.Of(PropertyId.ReceiveMaximum, (uint)_options.ReceiveMaximum));
            properties.Add(MqttProperty.Of(PropertyId.MaximumPacketSize, (uint)_options.Limits.PacketBytes));
            properties.Add(MqttProperty.Of(PropertyId.TopicAliasMaximum, InboundAliases));
            if (isLasting)
                properties.Add(MqttProperty.Of(
                    PropertyId.SessionExpiry, (uint)Math.Min(uint.MaxValue, _options.SessionExpiry.TotalSeconds)));
        }

        // what a session of this client holds goes on when its connection is made again
        var cleanStart = _options.Version == MqttVersion.V5
            ? _options.CleanStart && !_connectedBefore
            : _options.CleanStart || !isLasting;
        var will = _options.Will;
        return new ConnectPacket(_options.Version, _options.ClientId)
        {
            CleanStart = cleanStart,
            KeepAliveSeconds = (ushort)Math.Min(ushort.MaxValue, _options.KeepAlive.TotalSeconds),
            Username = _options.Username,
            Password = _options.Password is null ? null : Encoding.UTF8.GetBytes(_options.Password),
            Will = will is null ? null : new WillPacket(will.Topic, will.Payload, will.Qos, will.Retain),
            Properties = new MqttProperties(properties),
        };
    }

    private static string Why(ConnackPacket connack)
    {
        var reason = (byte)connack.Reason switch
        {
            1 => "unacceptable protocol version",
            2 => "client id rejected",
            3 => "server unavailable",
            4 => "bad user name or password",
            5 => "not authorized",
            _ => connack.Reason.ToString(),
        };
        return connack.Properties.Text(PropertyId.ReasonString) is { } text ? $"{reason} ({text})" : reason;
    }

    private async Task WatchAsync(Link link, TimeSpan keepAlive)
    {
        if (keepAlive <= TimeSpan.Zero)
            return;
        try
        {
            while (true)
            {
                await Task.Delay(keepAlive / 2, _clock, link.End);
                if (link.Silence > keepAlive * 1.5)
                    link.Fail(new IOException($"the broker has been silent for {link.Silence}"));
                else if (_clock.GetElapsedTime(link.Send.LastSent) >= keepAlive / 2 || link.Silence > keepAlive / 2)
                    link.Write(new PingPacket(PacketType.Pingreq));
            }
        }
        catch (OperationCanceledException)
        {
            // the connection has ended
        }
    }

    private void Take(byte header, ReadOnlySpan<byte> body, MqttVersion version)
    {
        switch (PacketParser.Parse(header, body, version, _options.Limits))
        {
            case AckPacket ack:
                _window.Acknowledged(ack);
                break;
            case SubackPacket { Type: PacketType.Suback } suback:
                Check(suback);
                break;
            case PingPacket { Type: PacketType.Pingresp }:
                break;
            case ReasonPacket { Type: PacketType.Disconnect } disconnect:
                var why = disconnect.Properties.Text(PropertyId.ReasonString);
                throw new MqttRefusedException(
                    disconnect.Reason,
                    $"the broker ended the connection: {disconnect.Reason}{(why is null ? "" : $" ({why})")}");
            case var packet:
                throw new MqttProtocolException(
                    ReasonCode.ProtocolError, $"the broker sent a {packet.GetType().Name} where there is none");
        }
    }

    private void Check(SubackPacket suback)
    {
        var filters = _options.Subscriptions;
        if (suback.PacketId != ushort.MaxValue || suback.Reasons.Count != filters.Count)
            throw new MqttProtocolException(ReasonCode.ProtocolError, "SUBACK for what was not asked");
        for (var i = 0; i < filters.Count; i++)
            if ((byte)suback.Reasons[i] >= 0x80)
                throw new MqttRefusedException(
                    suback.Reasons[i],
                    $"the broker refused the subscription '{filters[i].Filter}': {suback.Reasons[i]}");
    }
}
