using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Cep.Connectors.Formats;
using Cep.Events;
using Polly;
using Polly.Retry;

namespace Cep.Connectors.Sockets;

/// <summary>
/// NDJSON lines over TCP: either it listens for peers, or it connects to one and again when that breaks.
/// </summary>
/// <remarks>Each connection is read by itself, so that a slow or hostile peer holds no other up.</remarks>
public sealed class TcpSource : ISource
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private readonly StreamSchema _schema;
    private readonly DecoderOptions _options;
    private readonly TcpOptions _limits;
    private readonly TimeProvider _clock;
    private readonly TcpListener? _listener;
    private readonly DnsEndPoint? _peer;
    private readonly string _name;
    private long _refused;
    private long _letGo;

    private TcpSource(
        string name, StreamSchema schema, DecoderOptions options, TcpOptions limits, TimeProvider clock,
        TcpListener? listener, DnsEndPoint? peer)
    {
        _name = name;
        _schema = schema;
        _options = options;
        _limits = limits;
        _clock = clock;
        _listener = listener;
        _peer = peer;
    }

    public string Name => _name;

    public string Stream => _schema.Name;

    /// <summary>The port that is listened on.</summary>
    public int Port => ((IPEndPoint)_listener!.LocalEndpoint).Port;

    /// <summary>Peers that were refused because there were as many as may be.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Peers that were let go of because they were silent for too long.</summary>
    public long LetGo => Interlocked.Read(ref _letGo);

    /// <summary>Listens from now on; port 0 takes a free one.</summary>
    /// <exception cref="SocketException">The address is in use or not this machine's.</exception>
    public static TcpSource Listen(
        IPEndPoint address, StreamSchema schema, DecoderOptions options, TimeProvider clock, TcpOptions? limits = null)
    {
        var listener = new TcpListener(address);
        listener.Start();
        var name = $"tcp listen {listener.LocalEndpoint}";
        return new TcpSource(name, schema, options, limits ?? new TcpOptions(), clock, listener, null);
    }

    /// <summary>Connects when it runs.</summary>
    public static TcpSource Connect(
        string host, int port, StreamSchema schema, DecoderOptions options, TimeProvider clock,
        TcpOptions? limits = null)
    {
        var name = $"tcp connect {host}:{port}";
        var peer = new DnsEndPoint(host, port);
        return new TcpSource(name, schema, options, limits ?? new TcpOptions(), clock, null, peer);
    }

    public Task RunAsync(Intake intake, CancellationToken stop) =>
        _listener is not null ? ListenAsync(_listener, intake, stop) : ConnectAsync(_peer!, intake, stop);

    private async Task ListenAsync(TcpListener listener, Intake intake, CancellationToken stop)
    {
        var connections = new HashSet<Task>();
        var acknowledged = _limits.Acknowledge
            ? new AcknowledgedPeers(_schema, _options, _limits, _clock, intake)
            : null;
        try
        {
            while (true)
            {
                var client = await AcceptAsync(listener, stop);
                connections.RemoveWhere(c => c.IsCompleted);
                if (connections.Count >= _limits.MaxPeers)
                {
                    Interlocked.Increment(ref _refused);
                    client.Dispose();
                    continue;
                }

                connections.Add(Task.Run(() => ServeAsync(client, acknowledged, intake, stop), CancellationToken.None));
            }
        }
        catch (OperationCanceledException)
        {
            listener.Stop();
            await Task.WhenAll(connections);
        }
    }

    private async Task<TcpClient> AcceptAsync(TcpListener listener, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return await listener.AcceptTcpClientAsync(stop);
            }
            catch (SocketException)
            {
                // the peer was gone before it was accepted, or there are no more handles for a while
                await Task.Delay(FirstPause, _clock, stop);
            }
        }
    }

    private async Task ServeAsync(
        TcpClient client, AcknowledgedPeers? acknowledged, Intake intake, CancellationToken stop)
    {
        try
        {
            client.Client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            var stream = _limits.Tls is { } tls
                ? await HandshakeAsync(token => tls.AsServerAsync(client.GetStream(), token), stop)
                : client.GetStream();
            using var peer = new PeerStream(stream, _clock, stop);
            try
            {
                await (acknowledged?.ServeAsync(peer, stop) ?? ReadAsync(peer, intake, stop));
            }
            catch (OperationCanceledException) when (peer.WasSilent)
            {
                Interlocked.Increment(ref _letGo);
            }
        }
        catch (Exception e) when (IsTheirs(e) || e is OperationCanceledException)
        {
            // the peer is gone, or we are stopping: what was complete has been accepted
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task ConnectAsync(DnsEndPoint peer, Intake intake, CancellationToken stop)
    {
        var reconnect = new ResiliencePipelineBuilder { TimeProvider = _clock }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstPause,
                MaxDelay = LongestPause,
                ShouldHandle = new PredicateBuilder().Handle<Exception>(IsTheirs),
            })
            .Build();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await reconnect.ExecuteAsync(token => ReadPeerAsync(peer, intake, token), stop);
                await Task.Delay(FirstPause, _clock, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async ValueTask ReadPeerAsync(DnsEndPoint peer, Intake intake, CancellationToken stop)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(peer.Host, peer.Port, stop);
        client.Client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        var stream = _limits.Tls is { } tls
            ? await HandshakeAsync(token => tls.AsClientAsync(client.GetStream(), peer.Host, token), stop)
            : client.GetStream();
        using var lines = new PeerStream(stream, _clock, stop);
        try
        {
            await ReadAsync(lines, intake, stop);
        }
        catch (Exception e) when (IsTheirs(e) || lines.WasSilent)
        {
            // it was there and broke: the next attempt is a first one
        }
    }

    private async Task<Stream> HandshakeAsync(Func<CancellationToken, Task<Stream>> handshake, CancellationToken stop)
    {
        using var slow = new CancellationTokenSource(_limits.GreetingLimit, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, stop);
        try
        {
            return await handshake(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new IOException("the peer took too long for the handshake");
        }
    }

    private async Task ReadAsync(PeerStream peer, Intake intake, CancellationToken stop)
    {
        var decoder = new PushDecoder(new NdjsonDecoder(_schema, _options), _options.MaxLineBytes, _clock);
        while (true)
        {
            var read = await peer.ReadAsync(_limits.IdleLimit);
            decoder.Append(read.Buffer);
            peer.AdvanceTo(read.Buffer.End);
            while (decoder.Take(read.IsCompleted) is { } batch)
                await intake.AcceptAsync(new Arrival(batch), stop);
            if (read.IsCompleted)
                return;
        }
    }

    private static bool IsTheirs(Exception e) => e is IOException or SocketException or AuthenticationException;
}
