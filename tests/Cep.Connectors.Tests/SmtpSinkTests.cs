using Cep.Connectors.Mail;
using Cep.Connectors.Webhooks;

namespace Cep.Connectors.Tests;

public sealed class SmtpSinkTests
{
    [Fact]
    public async Task Alert_IsAMail_AfterRefusalsForNow()
    {
        using var server = new SmtpServer(null, "451 later", "421 busy");
        await Sink(server.Port).SendAsync(
            Alerts.Of("id7", message: "hot\r\nBcc: evil@example.org"), CancellationToken.None).WaitAsync(Taker.Limit);
        var mail = Assert.Single(server.Mails);
        Assert.Contains("Message-ID: <id7@cep>", mail, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Subject: [high] hot", mail, StringComparison.Ordinal);
        var headers = mail[..mail.IndexOf("\n\n", StringComparison.Ordinal)];
        Assert.DoesNotContain("\nBcc:", headers, StringComparison.Ordinal);
        Assert.Contains("RCPT TO:<b@example.org>", server.Commands);
        Assert.Contains("RCPT TO:<c@example.org>", server.Commands);
    }

    [Fact]
    public async Task Refusal_ForGood_IsAFailedDelivery()
    {
        using var server = new SmtpServer(null, "550 no such user", "550 no such user");
        var failure = await Assert.ThrowsAsync<DeliveryException>(
            () => Sink(server.Port).SendAsync(Alerts.Of("a"), CancellationToken.None));
        Assert.Equal("the mail server refused (550)", failure.Message);
        Assert.Empty(server.Mails);
    }

    [Fact]
    public async Task Server_ThatIsNotTrusted_GetsNoPassword()
    {
        using var certificates = new Certificates();
        using var own = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(
            certificates.Cert, certificates.Key);
        using var server = new SmtpServer(own);
        var options = Options(server.Port) with { Tls = true, Username = "user", Password = "secret" };
        var sink = new SmtpSink(
            "m", options with { Delivery = options.Delivery with { RetryFor = TimeSpan.Zero } }, TimeProvider.System);
        await Assert.ThrowsAsync<DeliveryException>(() => sink.SendAsync(Alerts.Of("a"), CancellationToken.None));
        Assert.Contains("STARTTLS", server.Commands);
        Assert.DoesNotContain(server.Commands, c => c.StartsWith("AUTH", StringComparison.Ordinal));
        Assert.DoesNotContain("secret", options.ToString(), StringComparison.Ordinal);
    }

    private static SmtpSink Sink(int port) => new("m", Options(port), TimeProvider.System);

    private static SmtpOptions Options(int port) =>
        new("127.0.0.1", port, "a@example.org", ["b@example.org", "c@example.org"])
        {
            Delivery = new DeliveryOptions { FirstPause = TimeSpan.FromMilliseconds(5) },
        };
}
