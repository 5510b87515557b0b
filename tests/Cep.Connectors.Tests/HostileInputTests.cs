using System.Net;
using System.Text;
using Cep.Connectors.Formats;
using Cep.Connectors.Sockets;

namespace Cep.Connectors.Tests;

public sealed class HostileInputTests
{
    private readonly Taker _taker = new();

    [Fact]
    public void EndlessLine_TakesNoMemory()
    {
        var options = new DecoderOptions(MaxLineBytes: 10_000);
        var decoder = new PushDecoder(new NdjsonDecoder(Decoding.Untimed, options), 10_000, TimeProvider.System);
        var piece = new byte[8192];
        Array.Fill(piece, (byte)'[');
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20_000; i++)
        {
            decoder.Append(piece);
            Assert.Null(decoder.Take());
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        decoder.Append("\n{\"x\":1}\n"u8);
        var batch = decoder.Take()!;
        Assert.Equal("line 1: longer than 10000 bytes", Assert.Single(batch.Rejected).Reason);
        Assert.Equal(1, batch.Count);
        Assert.Equal((20_000L * 8192) + 9, decoder.Position);
        Assert.Equal(2, decoder.LinesRead);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Position_OfGarbageInAnyPieces_IsWhereDecodingCanGoOn(int seed)
    {
        var random = new Random(seed);
        var input = Garbage(random, 200_000);
        var (whole, _) = Decode(input, new Random(seed), 0, 0, input.Length);
        for (var i = 0; i < 20; i++)
        {
            var cut = random.Next(input.Length);
            var (first, at) = Decode(input, random, 0, 0, cut, final: false);
            var (second, _) = Decode(input, random, (int)at.Position, at.Lines, input.Length);
            Assert.Equal(whole, first.Concat(second));
        }
    }

    [Fact]
    public async Task Garbage_FromManyPeers_HurtsNoOther()
    {
        foreach (var acknowledge in new[] { false, true })
        {
            var source = TcpSource.Listen(
                new IPEndPoint(IPAddress.Loopback, 0), Decoding.Untimed, new DecoderOptions(MaxLineBytes: 5000),
                TimeProvider.System, new TcpOptions { Acknowledge = acknowledge });
            await using var running = new SourceRun(source, _taker);
            var random = new Random(7);
            for (var i = 0; i < 30; i++)
            {
                using var hostile = new Peer(source.Port);
                try
                {
                    await hostile.SendAsync(Garbage(random, 50_000));
                }
                catch (IOException)
                {
                    // it was sent away before its end
                }
            }

            using var halfOpen = new Peer(source.Port);
            using var slow = new Peer(source.Port);
            await slow.SendAsync("{");
            using var peer = new Peer(source.Port);
            await peer.SendAsync((acknowledge ? "{\"client\":\"c\"}\n" : "") + "{\"x\":4711}\n");
            (double? X, string? Reason) row;
            do
                row = await _taker.NextAsync();
            while (row.X != 4711);
        }
    }

    private static byte[] Garbage(Random random, int count)
    {
        var text = new MemoryStream();
        var noise = new byte[64];
        while (text.Length < count)
        {
            random.NextBytes(noise);
            text.Write(random.Next(6) switch
            {
                0 => noise,
                1 => Encoding.UTF8.GetBytes($"{{\"x\":{random.Next(100)}}}\n"),
                2 => "\n"u8.ToArray(),
                3 => Encoding.UTF8.GetBytes(new string('{', random.Next(3000))),
                4 => Encoding.UTF8.GetBytes($"{{\"y\":{new string('[', random.Next(200))}\n"),
                _ => "\r\n{\"x\":\"\\ud800\"}\n"u8.ToArray(),
            });
        }

        return text.ToArray();
    }

    private static (List<string> Rows, (long Position, long Lines) At) Decode(
        byte[] input, Random random, int from, long lines, int to, bool final = true)
    {
        var options = new DecoderOptions(MaxLineBytes: 2000);
        var decoder = new PushDecoder(
            new NdjsonDecoder(Decoding.Untimed, options) { LinesRead = lines }, 2000, TimeProvider.System, from);
        var rows = new List<string>();
        for (var at = from; at <= to;)
        {
            var length = Math.Min(random.Next(1, 9000), to - at);
            decoder.Append(input.AsSpan(at, length));
            at += length;
            while (decoder.Take(final && at == to) is { } batch)
                rows.AddRange(Rows(batch));
            if (at == to)
                break;
        }

        return (rows, (decoder.Position, decoder.LinesRead));
    }

    // in the order of the input, which positions tell
    private static IEnumerable<string> Rows(Events.EventBatch batch)
    {
        var rows = new SortedDictionary<long, string>();
        for (var row = 0; row < batch.Count; row++)
            rows.Add(batch.Positions[row], $"{batch.Value("x", row)}");
        foreach (var rejected in batch.Rejected)
            rows.Add(rejected.Position, rejected.Reason);
        return rows.Values;
    }
}
