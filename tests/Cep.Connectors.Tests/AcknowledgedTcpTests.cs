using System.Net;
using Cep.Connectors.Formats;
using Cep.Connectors.Sockets;

namespace Cep.Connectors.Tests;

public sealed class AcknowledgedTcpTests
{
    private readonly Taker _taker = new();

    [Fact]
    public async Task Client_IsToldWhatIsKept_NotWhatIsTaken()
    {
        _taker.Hold();
        var source = Source();
        await using var running = new SourceRun(source, _taker);
        using var peer = await GreetAsync(source, "a", "{\"kept\":0}");
        await peer.SendAsync("{\"x\":1}\n{\"x\":2}\n");
        Assert.Equal([1, 2], await _taker.NextAsync(2));
        await peer.SendAsync("{\"x\":3}\n");
        Assert.Equal(3, (await _taker.NextAsync()).X);
        _taker.Keep();
        string? line;
        do
            line = await peer.LineAsync();
        while (line != "{\"kept\":3}" && line is not null);
        Assert.NotNull(line);
    }

    [Fact]
    public async Task Client_AfterARestart_GoesOnAfterTheLastLineKept()
    {
        _taker.Hold();
        var first = Source();
        await using (new SourceRun(first, _taker))
        {
            using var peer = await GreetAsync(first, "a", "{\"kept\":0}");
            await peer.SendAsync("{\"x\":1}\n\nnonsense\n");
            Assert.Equal(1, (await _taker.NextAsync()).X);
            Assert.StartsWith("line 3: broken JSON", (await _taker.NextAsync()).Reason, StringComparison.Ordinal);
            _taker.Keep();
            await peer.SendAsync("{\"x\":4}\n");
            Assert.Equal(4, (await _taker.NextAsync()).X);
            _taker.Crash();
        }

        var second = Source();
        await using var running = new SourceRun(second, _taker);
        using var again = await GreetAsync(second, "a", "{\"kept\":3}");
        await again.SendAsync("{\"x\":4}\n");
        Assert.Equal(4, (await _taker.NextAsync()).X);
        using var other = await GreetAsync(second, "b", "{\"kept\":0}");
    }

    [Fact]
    public async Task Client_ThatConnectsAgain_TakesThePlaceOfItsOldConnection()
    {
        _taker.Hold();
        var source = Source();
        await using var running = new SourceRun(source, _taker);
        using var old = await GreetAsync(source, "a", "{\"kept\":0}");
        await old.SendAsync("{\"x\":1}\n{\"x\":2}\n{\"x\":");
        await _taker.NextAsync(2);
        using var peer = new Peer(source.Port);
        await peer.SendAsync("{\"client\":\"a\"}\n");
        Assert.Null(await old.LineAsync());
        _taker.Keep();
        Assert.Equal("{\"kept\":2}", await peer.LineAsync());
        await peer.SendAsync("{\"x\":3}\n");
        Assert.Equal(3, (await _taker.NextAsync()).X);
    }

    [Fact]
    public async Task BlankLines_CountByThemselvesToo()
    {
        var source = Source();
        await using var running = new SourceRun(source, _taker);
        using var peer = await GreetAsync(source, "a", "{\"kept\":0}");
        await peer.SendAsync("\n \n");
        string? line;
        do
            line = await peer.LineAsync();
        while (line == "{\"kept\":1}");
        Assert.Equal("{\"kept\":2}", line);
    }

    [Fact]
    public async Task Client_ThatEndsItsSide_IsToldTheRest()
    {
        _taker.Hold();
        var source = Source();
        await using var running = new SourceRun(source, _taker);
        using var peer = await GreetAsync(source, "a", "{\"kept\":0}");
        await peer.SendAsync("{\"x\":1}\n{\"x\":2}");
        peer.EndSending();
        Assert.Equal(1, (await _taker.NextAsync()).X);
        _taker.Keep();
        Assert.Equal("{\"kept\":1}", await peer.LineAsync());
        Assert.Null(await peer.LineAsync());
        Assert.True(_taker.IsEmpty);
    }

    [Theory]
    [InlineData("{\"x\":1}\n")]
    [InlineData("nonsense\n")]
    [InlineData("{\"client\":\"\"}\n")]
    [InlineData("{\"client\":7}\n")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n")]
    public async Task Client_WithoutAName_IsRefused(string greeting)
    {
        var source = Source();
        await using var running = new SourceRun(source, _taker);
        using var peer = new Peer(source.Port);
        await peer.SendAsync(greeting);
        Assert.Equal("{\"error\":\"the first line must be {\\\"client\\\":\\\"NAME\\\"}\"}", await peer.LineAsync());
        Assert.Null(await peer.LineAsync());
    }

    [Fact]
    public async Task Client_BeyondTheLimit_IsRefused()
    {
        var source = Source(new TcpOptions { Acknowledge = true, MaxClients = 1 });
        await using var running = new SourceRun(source, _taker);
        using var first = await GreetAsync(source, "a", "{\"kept\":0}");
        using var second = await GreetAsync(source, "b", "{\"error\":\"there are too many clients\"}");
    }

    [Fact]
    public async Task Client_ThatBreaksOffAnywhere_LosesAndRepeatsNothing()
    {
        var source = Source();
        await using var running = new SourceRun(source, _taker);
        var random = new Random(5);
        var kept = 0;
        while (kept < 2000)
        {
            using var peer = new Peer(source.Port);
            await peer.SendAsync("{\"client\":\"c\"}\n");
            kept = Kept(await peer.LineAsync());
            var lines = string.Concat(Enumerable.Range(kept + 1, 300).Select(i => $"{{\"x\":{i}}}\n"));
            await peer.SendAsync(lines[..random.Next(lines.Length)]);
            if (random.Next(2) == 0)
                await peer.LineAsync();
        }

        using var last = new Peer(source.Port);
        await last.SendAsync("{\"client\":\"c\"}\n");
        var count = Kept(await last.LineAsync());
        Assert.Equal(Enumerable.Range(1, count).Select(i => (double?)i), await _taker.NextAsync(count));
        Assert.True(_taker.IsEmpty);
    }

    private static int Kept(string? line) => int.Parse(
        line!["{\"kept\":".Length..^1], System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<Peer> GreetAsync(TcpSource source, string name, string answer)
    {
        var peer = new Peer(source.Port);
        await peer.SendAsync($"{{\"client\":\"{name}\"}}\n");
        Assert.Equal(answer, await peer.LineAsync());
        return peer;
    }

    private static TcpSource Source(TcpOptions? limits = null) => TcpSource.Listen(
        new IPEndPoint(IPAddress.Loopback, 0), Decoding.Untimed, new DecoderOptions(), TimeProvider.System,
        limits ?? new TcpOptions { Acknowledge = true });
}
