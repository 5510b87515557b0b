using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Cep.Connectors.Formats;
using Cep.Connectors.Sockets;
using Cep.Events;

namespace Cep.Connectors.Tests;

public sealed class TcpSourceTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private readonly Channel<(double? X, string? Reason)> _rows = Channel.CreateUnbounded<(double?, string?)>();
    private readonly CancellationTokenSource _stop = new();

    [Fact]
    public async Task Peer_ThatSendsPieces_IsReadLineByLine()
    {
        using var source = Start(new DecoderOptions());
        using var peer = Connect(source.Port);
        foreach (var piece in new[] { "{\"x\"", ":1}\n{\"x\":2", "}\n", "{\"x\":3}" })
            await SendAsync(peer, piece);
        Assert.Equal(1, (await NextAsync()).X);
        Assert.Equal(2, (await NextAsync()).X);
        peer.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(3, (await NextAsync()).X);
    }

    [Fact]
    public async Task Peer_ThatSendsAnEndlessLine_HoldsNoOtherUp()
    {
        using var source = Start(new DecoderOptions(MaxLineBytes: 1000));
        using var hostile = Connect(source.Port);
        await SendAsync(hostile, new string('x', 100_000));
        using var silent = Connect(source.Port);
        await SendAsync(silent, "{\"x\":");
        using var peer = Connect(source.Port);
        await SendAsync(peer, "{\"x\":7}\n");
        Assert.Equal(7, (await NextAsync()).X);
        await SendAsync(hostile, "tail\n");
        Assert.Equal("line 1: longer than 1000 bytes", (await NextAsync()).Reason);
        await SendAsync(hostile, "{\"x\":8}\n");
        Assert.Equal(8, (await NextAsync()).X);
    }

    [Fact]
    public async Task Connection_ThatBreaks_IsMadeAgain()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var source = TcpSource.Connect("127.0.0.1", port, Decoding.Untimed, new DecoderOptions(), TimeProvider.System);
        var running = source.RunAsync(new Intake(AcceptAsync, _ => null), _stop.Token);
        for (var i = 0; i < 3; i++)
        {
            using var client = await listener.AcceptTcpClientAsync(_stop.Token).AsTask().WaitAsync(Limit, _stop.Token);
            await SendAsync(client, $"{{\"x\":{i}}}\n");
            Assert.Equal(i, (await NextAsync()).X);
        }

        await _stop.CancelAsync();
        await running.WaitAsync(Limit, CancellationToken.None);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void PushDecoder_OfPiecesOfAnySize_GivesAllLines(int seed)
    {
        var random = new Random(seed);
        var input = new StringBuilder();
        var expected = new List<double?>();
        for (var i = 0; i < 5000; i++)
        {
            var isLong = random.Next(50) == 0;
            expected.Add(isLong ? null : i);
            input.Append(null, $"{{\"x\":{i}{(isLong ? new string(' ', 900) : "")}}}\n");
        }

        var bytes = Encoding.UTF8.GetBytes(input.ToString());
        var options = new DecoderOptions(MaxLineBytes: 500);
        var decoder = new PushDecoder(new NdjsonDecoder(Decoding.Untimed, options), 500, TimeProvider.System);
        var rows = new SortedDictionary<long, double?>();
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(random.Next(1, 3000), bytes.Length - at);
            decoder.Append(bytes.AsSpan(at, length));
            at += length;
            while (decoder.Take() is { } batch)
                Collect(batch, rows);
        }

        Assert.Equal(expected, rows.Values);
    }

    private static void Collect(EventBatch batch, SortedDictionary<long, double?> rows)
    {
        for (var row = 0; row < batch.Count; row++)
            rows.Add(batch.Positions[row], (double?)batch.Value("x", row));
        foreach (var rejected in batch.Rejected)
            rows.Add(rejected.Position, null);
    }

    private Running Start(DecoderOptions options)
    {
        var any = new IPEndPoint(IPAddress.Loopback, 0);
        var source = TcpSource.Listen(any, Decoding.Untimed, options, TimeProvider.System);
        return new Running(source.Port, _stop, source.RunAsync(new Intake(AcceptAsync, _ => null), _stop.Token));
    }

    private async ValueTask AcceptAsync(Arrival arrival, CancellationToken stop)
    {
        var batch = arrival.Events;
        for (var row = 0; row < batch.Count; row++)
            await _rows.Writer.WriteAsync(((double?)batch.Value("x", row), null), stop);
        foreach (var rejected in batch.Rejected)
            await _rows.Writer.WriteAsync((null, rejected.Reason), stop);
    }

    private Task<(double? X, string? Reason)> NextAsync() =>
        _rows.Reader.ReadAsync().AsTask().WaitAsync(Limit, CancellationToken.None);

    private static TcpClient Connect(int port) => new("127.0.0.1", port) { NoDelay = true };

    private static ValueTask SendAsync(TcpClient peer, string text) =>
        peer.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text), CancellationToken.None);

    private sealed record Running(int Port, CancellationTokenSource Stop, Task Task) : IDisposable
    {
        public void Dispose()
        {
            Stop.Cancel();
            Assert.True(Task.Wait(Limit));
        }
    }
}
