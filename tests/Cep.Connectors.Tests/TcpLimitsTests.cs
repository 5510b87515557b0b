using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Cep.Connectors.Formats;
using Cep.Connectors.Sockets;

namespace Cep.Connectors.Tests;

public sealed class TcpLimitsTests : IDisposable
{
    private readonly Certificates _certificates = new();
    private readonly Taker _taker = new();

    [Fact]
    public async Task Peers_BeyondTheLimit_AreRefused()
    {
        var source = Listen(TimeProvider.System, new TcpOptions { MaxPeers = 1 });
        await using var running = new SourceRun(source, _taker);
        using var first = new Peer(source.Port);
        await first.SendAsync("{\"x\":1}\n");
        await _taker.NextAsync();
        using var second = new Peer(source.Port);
        Assert.Null(await second.LineAsync());
        Assert.Equal(1, source.Refused);
        await first.SendAsync("{\"x\":2}\n");
        Assert.Equal(2, (await _taker.NextAsync()).X);
    }

    [Fact]
    public async Task Peer_ThatIsSilent_IsLetGo_AndOneThatIsHeldUpIsNot()
    {
        var clock = new TestClock();
        var source = Listen(clock, new TcpOptions { IdleLimit = TimeSpan.FromMinutes(1) });
        await using var running = new SourceRun(source, _taker);
        using var silent = new Peer(source.Port);
        await Taker.UntilAsync(() => clock.Timers == 1);
        _taker.Close();
        using var busy = new Peer(source.Port);
        await busy.SendAsync("{\"x\":1}\n");
        await Taker.UntilAsync(() => _taker.Waiting == 1);
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await silent.LineAsync());
        await Taker.UntilAsync(() => source.LetGo == 1);
        _taker.Open();
        Assert.Equal(1, (await _taker.NextAsync()).X);
        await busy.SendAsync("{\"x\":2}\n");
        Assert.Equal(2, (await _taker.NextAsync()).X);
    }

    [Fact]
    public async Task Client_ThatDoesNotGreet_IsLetGo()
    {
        var clock = new TestClock();
        var source = Listen(clock, new TcpOptions { Acknowledge = true });
        await using var running = new SourceRun(source, _taker);
        using var peer = new Peer(source.Port);
        await peer.SendAsync("{\"clie");
        await Taker.UntilAsync(() => clock.Timers == 1);
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Null(await peer.LineAsync());
    }

    [Fact]
    public async Task Tls_WithClientCertificates_TakesThoseOfItsAuthorityOnly()
    {
        var tls = TlsFiles.Read(_certificates.Cert, _certificates.Key, _certificates.Ca);
        var source = Listen(TimeProvider.System, new TcpOptions { Tls = tls });
        await using var running = new SourceRun(source, _taker);
        using var stranger = new Peer(source.Port);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var refused = await EncryptAsync(stranger, null);
            await refused.WriteAsync("{\"x\":9}\n"u8.ToArray());
            Assert.NotEqual(0, await refused.ReadAsync(new byte[1]));
            throw new IOException("closed");
        });
        using var plain = new Peer(source.Port);
        await plain.SendAsync("{\"x\":9}\n");
        Assert.Null(await plain.LineAsync());
        using var peer = new Peer(source.Port);
        await using var encrypted = await EncryptAsync(
            peer, X509Certificate2.CreateFromPemFile(_certificates.Cert, _certificates.Key));
        await encrypted.WriteAsync("{\"x\":1}\n"u8.ToArray());
        Assert.Equal(1, (await _taker.NextAsync()).X);
    }

    [Fact]
    public async Task Connect_OverTls_TakesOnlyAServerOfItsAuthority()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var tls = TlsFiles.Read(_certificates.Cert, _certificates.Key, _certificates.Ca);
        var source = TcpSource.Connect(
            "localhost", port, Decoding.Untimed, new DecoderOptions(), TimeProvider.System,
            new TcpOptions { Tls = tls });
        await using var running = new SourceRun(source, _taker);
        using var other = new Certificates();
        foreach (var (files, trusted) in new[] { (other, false), (_certificates, true) })
        {
            using var client = await listener.AcceptTcpClientAsync().WaitAsync(Taker.Limit);
            await using var stream = new SslStream(client.GetStream());
            var serving = stream.AuthenticateAsServerAsync(
                X509Certificate2.CreateFromPemFile(files.Cert, files.Key));
            if (trusted)
            {
                await serving.WaitAsync(Taker.Limit);
                await stream.WriteAsync("{\"x\":5}\n"u8.ToArray());
                Assert.Equal(5, (await _taker.NextAsync()).X);
            }
            else
            {
                // the client may break off before or after its server has all it needs
                await Assert.ThrowsAnyAsync<Exception>(async () =>
                {
                    await serving.WaitAsync(Taker.Limit);
                    if (await stream.ReadAsync(new byte[1]) == 0)
                        throw new AuthenticationException("closed");
                });
            }
        }
    }

    [Fact]
    public void Tls_WithoutItsFiles_SaysWhich()
    {
        var missing = Assert.Throws<InvalidDataException>(() => TlsFiles.Read("/no/such.pem", null, null));
        Assert.Contains("/no/such.pem", missing.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _certificates.Dispose();

    private static async Task<SslStream> EncryptAsync(Peer peer, X509Certificate2? own)
    {
        var stream = new SslStream(peer.Stream);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ClientCertificates = own is null ? [] : [own],
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        }).WaitAsync(Taker.Limit);
        return stream;
    }

    private static TcpSource Listen(TimeProvider clock, TcpOptions limits) => TcpSource.Listen(
        new IPEndPoint(IPAddress.Loopback, 0), Decoding.Untimed, new DecoderOptions(), clock, limits);
}
