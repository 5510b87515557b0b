using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Cep.Mqtt.Codec;
using Cep.Mqtt.Wire;

namespace Cep.Mqtt.Listening;

/// <summary>
/// Takes messages from devices without a broker: MQTT 3.1.1 and 5.0 over TCP or TLS. It gives none: subscriptions are
/// refused, retained messages are taken as any others.
/// </summary>
/// <remarks>Each connection is read by itself, so that a slow or hostile peer holds no other up.</remarks>
public sealed class MqttListener : IDisposable
{
    private const int MaxClientId = 256;
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(50);
    private readonly MqttListenerOptions _options;
    private readonly TimeProvider _clock;
    private readonly TcpListener _listener;
    private readonly SslServerAuthenticationOptions? _tls;
    private Func<string, bool>? _remembers;
    private int _clients;
    private long _refused;

    private MqttListener(MqttListenerOptions options, TimeProvider clock)
    {
        _options = options;
        _clock = clock;
        _tls = options.Tls?.ForServer();
        Sessions = new SessionTable(options, clock);
        _listener = new TcpListener(options.Address);
        _listener.Start();
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Connections that stand.</summary>
    public int Clients => Volatile.Read(ref _clients);

    /// <summary>Connections that were refused, as there were too many or their credentials were no good.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    internal SessionTable Sessions { get; }

    /// <summary>Listens from now on.</summary>
    /// <exception cref="SocketException">The address is in use or not this machine's.</exception>
    /// <exception cref="IOException">A certificate's file can't be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It holds no certificate.</exception>
    public static MqttListener Listen(MqttListenerOptions options, TimeProvider clock) => new(options, clock);

    /// <summary>Serves until it is stopped.</summary>
    /// <param name="receiverOf">Gives each connection what takes its messages; called from several threads. Its
    /// receiver's calls end before those of a later connection of the same client begin.</param>
    /// <param name="stop">Stops it.</param>
    /// <param name="remembers">Whether a client id had a session in an earlier run, as far as whoever receives would
    /// recognise what it sends again: told so, the client does send it. Null: none had.</param>
    public async Task RunAsync(
        Func<MqttPeer, IMqttReceiver> receiverOf, CancellationToken stop, Func<string, bool>? remembers = null)
    {
        _remembers = remembers;
        var connections = new HashSet<Task>();
        try
        {
            while (true)
            {
                if (await AcceptAsync(stop) is not { } socket)
                    continue;
                if (connections.Count > 2 * _options.MaxClients)
                    connections.RemoveWhere(c => c.IsCompleted);
                connections.Add(Task.Run(() => ServeAsync(socket, receiverOf, stop), CancellationToken.None));
            }
        }
        catch (OperationCanceledException)
        {
            _listener.Stop();
            await Task.WhenAll(connections);
        }
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>The next connection, or null where there was none to be had.</summary>
    private async Task<Socket?> AcceptAsync(CancellationToken stop)
    {
        try
        {
            return await _listener.AcceptSocketAsync(stop);
        }
        catch (SocketException)
        {
            // it was gone again, or there are no handles left: the next attempt may do better
            await Task.Delay(AcceptPause, _clock, stop);
            return null;
        }
    }

    private async Task ServeAsync(Socket socket, Func<MqttPeer, IMqttReceiver> receiverOf, CancellationToken stop)
    {
        socket.NoDelay = true;
        await using Stream plain = new NetworkStream(socket, ownsSocket: true);
        var isOneTooMany = Interlocked.Increment(ref _clients) > _options.MaxClients;
        try
        {
            using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _clock);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
            var stream = plain;
            if (_tls is not null)
            {
                var tls = new SslStream(plain);
                stream = tls;
                await tls.AuthenticateAsServerAsync(_tls, limit.Token);
            }

            await ServeAsync(stream, receiverOf, isOneTooMany, limit.Token, stop);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException
            or AuthenticationException or MqttProtocolException or ObjectDisposedException)
        {
            // the peer is gone or no good, or we are stopping: what was complete has been handed over
        }
        finally
        {
            Interlocked.Decrement(ref _clients);
        }
    }

    private async Task ServeAsync(
        Stream stream, Func<MqttPeer, IMqttReceiver> receiverOf, bool isOneTooMany, CancellationToken limit,
        CancellationToken stop)
    {
        var reader = Link.Open(stream);
        ConnectPacket connect;
        try
        {
            if (await Link.ReadFirstAsync(reader, MqttVersion.V5, _options.Limits, limit) is not ConnectPacket first)
                return;
            connect = first;
        }
        catch (MqttProtocolException e) when (e.Reason == ReasonCode.UnsupportedVersion)
        {
            await stream.WriteAsync(new byte[] { 0x20, 2, 0, 1 }, limit);
            return;
        }

        using var link = new Link(
            stream, reader, connect.Version, _options.Limits, PeerConnection.TopicAliases, _clock, stop)
        {
            TakesSubscriptionIds = false,
        };
        var refusal = Refusal(connect, isOneTooMany);
        if (refusal != ReasonCode.Success)
        {
            await RefuseAsync(link, refusal);
            return;
        }

        var connection = new PeerConnection(link, connect, _options, _clock);
        if (await EnterAsync(connection, limit) is var (session, isPresent))
            await connection.ServeAsync(session, isPresent, receiverOf, Sessions, stop);
        else
            await RefuseAsync(link, ReasonCode.ServerBusy);
    }

    private ReasonCode Refusal(ConnectPacket connect, bool isOneTooMany)
    {
        if (isOneTooMany)
            return ReasonCode.QuotaExceeded;
        if (connect.ClientId.Length > MaxClientId
            || (connect.ClientId.Length == 0 && connect.Version == MqttVersion.V311 && !connect.CleanStart))
            return ReasonCode.ClientIdNotValid;
        if (connect.Properties.Text(PropertyId.AuthenticationMethod) is not null)
            return ReasonCode.BadAuthenticationMethod;
        var credentials = new MqttCredentials(connect.ClientId, connect.Username, connect.Password);
        return _options.Authenticate?.Invoke(credentials) != false ? ReasonCode.Success : ReasonCode.BadCredentials;
    }

    private async Task RefuseAsync(Link link, ReasonCode reason)
    {
        Interlocked.Increment(ref _refused);
        var code = link.Version == MqttVersion.V5 ? reason : (ReasonCode)(reason switch
        {
            ReasonCode.ClientIdNotValid => 2,
            ReasonCode.BadCredentials => 4,
            ReasonCode.NotAuthorized or ReasonCode.BadAuthenticationMethod => 5,
            _ => 3,
        });
        await link.CloseAsync(new ConnackPacket(false, code));
    }

    /// <summary>Takes the session over from an older connection of the client, whose end is waited for.</summary>
    private async Task<(ListenerSession Session, bool IsPresent)?> EnterAsync(
        PeerConnection connection, CancellationToken limit)
    {
        var isRemembered = connection is { IsCleanStart: false } && connection.Expiry > TimeSpan.Zero
            && _remembers?.Invoke(connection.ClientId) == true;
        while (true)
        {
            var (session, isPresent, inTheWay) = Sessions.Enter(
                connection.ClientId, connection, connection.IsCleanStart, connection.Expiry, isRemembered);
            if (session is not null)
                return (session, isPresent);
            inTheWay!.TakeOver();
            try
            {
                await inTheWay.Ended.WaitAsync(limit);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
    }
}
