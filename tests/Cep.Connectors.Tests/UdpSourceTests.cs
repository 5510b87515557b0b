using System.Net;
using System.Net.Sockets;
using System.Text;
using Cep.Connectors.Formats;
using Cep.Connectors.Sockets;

namespace Cep.Connectors.Tests;

public sealed class UdpSourceTests
{
    private readonly Taker _taker = new();

    [Fact]
    public async Task Datagrams_OfOneOrSeveralLines_AreEvents()
    {
        var source = Listen();
        await using var running = new SourceRun(source, _taker);
        using var sender = new UdpClient("127.0.0.1", source.Port);
        foreach (var text in new[] { "{\"x\":1}", "{\"x\":2}\n{\"x\":3}\n", "", "\0\u0001", "{\"x\":4" })
            await sender.SendAsync(Encoding.UTF8.GetBytes(text));
        await sender.SendAsync("{\"x\":5}"u8.ToArray());
        var rows = new List<double?>();
        while (rows.Count < 6)
            rows.Add((await _taker.NextAsync()).X);
        Assert.Equal([1, 2, 3, 5], rows.OfType<double>().Order());
    }

    [Fact]
    public async Task Datagrams_BeyondWhatMayWait_AreCountedAsShed()
    {
        var source = Listen();
        await using var running = new SourceRun(source, _taker);
        using var sender = new UdpClient("127.0.0.1", source.Port);
        _taker.Close();
        await sender.SendAsync("{\"x\":0}\n"u8.ToArray());
        await Taker.UntilAsync(() => _taker.Waiting == 1);
        var three = Encoding.UTF8.GetBytes("{\"x\":1}\n{\"x\":1}\n{\"x\":1}\n");
        using var limit = new CancellationTokenSource(Taker.Limit);
        while (source.Shed < 30)
            await sender.SendAsync(three, limit.Token);
        _taker.Open();

        // what was let go of is told with what comes next
        await Taker.UntilAsync(() =>
        {
            sender.Send("{\"x\":2}\n"u8);
            return _taker.Shed >= 30 && _taker.Shed == source.Shed;
        });
    }

    private static UdpSource Listen() => UdpSource.Listen(
        new IPEndPoint(IPAddress.Loopback, 0), Decoding.Untimed, new DecoderOptions(), TimeProvider.System);
}
