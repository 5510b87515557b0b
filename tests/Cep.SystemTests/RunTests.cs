using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Cep.Connectors.Webhooks;

namespace Cep.SystemTests;

public sealed class RunTests : IDisposable
{
    private const string Secret = "whsec_c2VjcmV0IGtleSBmb3IgdGVzdHM=";
    private readonly Workspace _files = new();

    [Fact]
    public async Task Run_WithEventsOverTcp_DeliversSignedCloudEventsAndDrains()
    {
        using var receiver = new Receiver();
        using var cep = Start(receiver, "{to: [ops], match: \"severity >= 'high' and rule == 'large'\"}");
        var port = await PortAsync(cep);
        using (var slow = new TcpClient("127.0.0.1", port))
        using (var peer = new TcpClient("127.0.0.1", port))
        {
            await slow.GetStream().WriteAsync("{\"ts\":1,\"ca"u8.ToArray());
            await peer.GetStream().WriteAsync(
                Encoding.UTF8.GetBytes(
                    "{\"ts\":1000,\"card\":\"c1\",\"amount\":500}\nnonsense\n"
                + "{\"ts\":2000,\"card\":\"c2\",\"amount\":5}\n"));
            var request = await receiver.NextAsync();
            Assert.Equal("application/cloudevents+json; charset=utf-8", request.ContentType);
            var body = JsonDocument.Parse(request.Body).RootElement;
            Assert.Equal("cep.alert.firing", body.GetProperty("type").GetString());
            Assert.Equal("/cep/rules/large", body.GetProperty("source").GetString());
            Assert.Equal("c1: 500", body.GetProperty("data").GetProperty("message").GetString());
            Assert.Equal(body.GetProperty("id").GetString(), request.Id);
            var expected = new WebhookSignature(Secret).Of(request.Id, request.Timestamp, request.Body);
            Assert.Equal(expected, request.Signature);
            await cep.LineWith("source tcp listen");
        }

        Assert.Equal(0, await cep.TerminateAsync());
        Assert.Contains("1 alerts, delivered 1 to ops", cep.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, cep.Errors, StringComparison.Ordinal);
        Assert.Contains(
            "nonsense", await File.ReadAllTextAsync(_files["dead-letters.ndjson"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delivery_ThatFailsAtFirst_IsTriedAgain()
    {
        using var receiver = new Receiver(503, 429, 204);
        using var cep = Start(receiver, "{to: [ops]}");
        using var peer = new TcpClient("127.0.0.1", await PortAsync(cep));
        await peer.GetStream().WriteAsync("{\"ts\":1000,\"card\":\"c1\",\"amount\":500}\n"u8.ToArray());
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
            ids.Add((await receiver.NextAsync()).Id);
        Assert.Single(ids.Distinct());
        Assert.Equal(0, await cep.TerminateAsync());
        Assert.Contains("delivered 1 to ops", cep.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delivery_RefusedForGood_BecomesADeadLetter()
    {
        using var receiver = new Receiver(400);
        using var cep = Start(receiver, "{to: [ops]}");
        using var peer = new TcpClient("127.0.0.1", await PortAsync(cep));
        await peer.GetStream().WriteAsync("{\"ts\":1000,\"card\":\"c1\",\"amount\":500}\n"u8.ToArray());
        await cep.LineWith("not delivered: the receiver answered 400");
        Assert.Equal(0, await cep.TerminateAsync());
        var letter = JsonDocument.Parse(await File.ReadAllTextAsync(_files["dead-letters.ndjson"])).RootElement;
        Assert.Equal("ops", letter.GetProperty("sink").GetString());
        Assert.Equal("large", letter.GetProperty("alert").GetProperty("rule").GetString());
    }

    [Fact]
    public async Task FileSource_Followed_SeesWhatIsAppendedAndRotated()
    {
        using var receiver = new Receiver();
        var log = _files.Write("log.ndjson", "{\"ts\":1000,\"card\":\"c1\",\"amount\":500}\n");
        using var cep = Start(receiver, "{to: [ops]}", "file: {path: log.ndjson, follow: true}");
        Assert.Contains("c1", (await receiver.NextAsync()).Message, StringComparison.Ordinal);
        await File.AppendAllTextAsync(log, "{\"ts\":2000,\"card\":\"c2\",\"amo");
        await File.AppendAllTextAsync(log, "unt\":500}\n");
        Assert.Contains("c2", (await receiver.NextAsync()).Message, StringComparison.Ordinal);
        File.Move(log, log + ".1");
        await File.WriteAllTextAsync(log, "{\"ts\":3000,\"card\":\"c3\",\"amount\":500}\n");
        Assert.Contains("c3", (await receiver.NextAsync()).Message, StringComparison.Ordinal);
        Assert.Equal(0, await cep.TerminateAsync());
    }

    [Fact]
    public async Task HttpSource_WithToken_AnswersWhatItTook_AndTellsTheReceiver()
    {
        const string Token = "0123456789abcdef";
        using var receiver = new Receiver();
        using var cep = Start(
            receiver, "{to: [ops]}", "http: {path: /pay}", "web: {listen: \"127.0.0.1:0\", token: " + Token + "x}");
        var line = await cep.LineWith("web http://");
        using var http = new HttpClient { BaseAddress = new Uri(line.Split(' ')[1]) };
        using var body = new StringContent("{\"ts\":1000,\"card\":\"c1\",\"amount\":500}\nnonsense\n");
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.PostAsync("/pay", body)).StatusCode);
        http.DefaultRequestHeaders.Add("Authorization", $"Bearer {Token}x");
        var answer = await http.PostAsync("/pay", body);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.StartsWith(
            "{\"accepted\":1,\"rejected\":1,", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("c1", (await receiver.NextAsync()).Message, StringComparison.Ordinal);
        Assert.Equal(0, await cep.TerminateAsync());
        Assert.DoesNotContain(Token, cep.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alerts_InGroups_GoOutAsOne_AndWhatWaitsAtTheEndToo()
    {
        using var receiver = new Receiver();
        using var cep = Start(
            receiver, "{to: [ops], group_by: [rule], group_wait: 1s}",
            more: "silences: [{match: \"key.card == 'c3'\", until: 2099-01-01, why: test}]");
        using var peer = new TcpClient("127.0.0.1", await PortAsync(cep));
        var stream = peer.GetStream();
        var lines = new[] { "c1", "c2", "c3" }.Select(c => $"{{\"ts\":1000,\"card\":\"{c}\",\"amount\":500}}\n");
        await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(lines)));
        Assert.Equal("2 firing: c1: 500; c2: 500", (await receiver.NextAsync()).Message);
        await stream.WriteAsync("{\"ts\":2000,\"card\":\"c4\",\"amount\":700}\n"u8.ToArray());
        peer.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
        Assert.Equal(0, await cep.TerminateAsync());
        Assert.Equal("c4: 700", (await receiver.NextAsync()).Message);
    }

    public void Dispose() => _files.Dispose();

    private CepProgram Start(
        Receiver receiver, string route, string source = "tcp: {listen: \"127.0.0.1:0\"}", string more = "")
    {
        _files.WriteRules();
        var path = _files.Write(
            "deployment.yaml",
            $$$"""
            rules: [rules.yaml]
            sources:
              - stream: payments
                {{{source}}}
            sinks:
              ops: {webhook: {url: "{{{receiver.Url}}}", secret: "${HOOK_SECRET}", format: cloudevents}}
            routes:
              - {{{route}}}
            {{{more}}}
            """);
        return CepProgram.Start(("HOOK_SECRET", Secret), "run", path);
    }

    private static async Task<int> PortAsync(CepProgram cep)
    {
        var line = await cep.LineWith("source tcp listen");
        return IPEndPoint.Parse(line.Split(' ')[3]).Port;
    }
}
