using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
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
    private const int MaxPeers = 1024;
    private readonly StreamSchema _schema;
    private readonly DecoderOptions _options;
    private readonly TimeProvider _clock;
    private readonly TcpListener? _listener;
    private readonly DnsEndPoint? _peer;
    private readonly SemaphoreSlim _peers = new(MaxPeers);

    private TcpSource(
        StreamSchema schema, DecoderOptions options, TimeProvider clock, TcpListener? listener, DnsEndPoint? peer)
    {
        _schema = schema;
        _options = options;
        _clock = clock;
        _listener = listener;
        _peer = peer;
    }

    public string Name =>
        _listener is not null ? $"tcp listen {_listener.LocalEndpoint}" : $"tcp connect {_peer!.Host}:{_peer.Port}";

    public string Stream => _schema.Name;

    /// <summary>The port that is listened on.</summary>
    public int Port => ((IPEndPoint)_listener!.LocalEndpoint).Port;

    /// <summary>Listens from now on; port 0 takes a free one.</summary>
    /// <exception cref="SocketException">The address is in use or not this machine's.</exception>
    public static TcpSource Listen(IPEndPoint address, StreamSchema schema, DecoderOptions options, TimeProvider clock)
    {
        var listener = new TcpListener(address);
        listener.Start();
        return new TcpSource(schema, options, clock, listener, null);
    }

    /// <summary>Connects when it runs.</summary>
    public static TcpSource Connect(
        string host, int port, StreamSchema schema, DecoderOptions options, TimeProvider clock) =>
        new(schema, options, clock, null, new DnsEndPoint(host, port));

    public Task RunAsync(Intake intake, CancellationToken stop) =>
        _listener is not null ? ListenAsync(_listener, intake, stop) : ConnectAsync(_peer!, intake, stop);

    private async Task ListenAsync(TcpListener listener, Intake intake, CancellationToken stop)
    {
        var connections = new HashSet<Task>();
        try
        {
            while (true)
            {
                await _peers.WaitAsync(stop);
                var client = await listener.AcceptTcpClientAsync(stop);
                connections.RemoveWhere(c => c.IsCompleted);
                connections.Add(ServeAsync(client, intake, stop));
            }
        }
        catch (OperationCanceledException)
        {
            listener.Stop();
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client, Intake intake, CancellationToken stop)
    {
        try
        {
            await ReadAsync(client, intake, stop);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // the peer is gone, or we are stopping: what was complete has been accepted
        }
        finally
        {
            client.Dispose();
            _peers.Release();
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
                Delay = TimeSpan.FromMilliseconds(200),
                MaxDelay = TimeSpan.FromSeconds(30),
                ShouldHandle = new PredicateBuilder().Handle<SocketException>().Handle<IOException>(),
            })
            .Build();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var client = await reconnect.ExecuteAsync(token => OpenAsync(peer, token), stop);
                await ReadAsync(client, intake, stop);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // it broke: connect again
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static async ValueTask<TcpClient> OpenAsync(DnsEndPoint peer, CancellationToken stop)
    {
        var client = new TcpClient();
        try
        {
            await client.ConnectAsync(peer.Host, peer.Port, stop);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private async Task ReadAsync(TcpClient client, Intake intake, CancellationToken stop)
    {
        var decoder = new PushDecoder(new NdjsonDecoder(_schema, _options), _options.MaxLineBytes, _clock);
        var reader = PipeReader.Create(client.GetStream());
        while (true)
        {
            var read = await reader.ReadAsync(stop);
            decoder.Append(read.Buffer);
            if (read.IsCompleted)
                decoder.Append("\n"u8);
            reader.AdvanceTo(read.Buffer.End);
            while (decoder.Take() is { } batch)
                await intake.AcceptAsync(new Arrival(batch), stop);
            if (read.IsCompleted)
                return;
        }
    }
}
