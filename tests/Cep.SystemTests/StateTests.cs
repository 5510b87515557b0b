using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Cep.SystemTests;

/// <summary>The commands over a deployment's state, while it runs and after.</summary>
public sealed class StateTests : IDisposable
{
    private readonly Workspace _files = new();

    [Fact]
    public async Task TheStateOfARunningDeployment_CanBeReadVerifiedAndBacktested()
    {
        using var receiver = new Receiver(400, 204);
        using (var cep = Start(receiver))
        {
            await SendAsync(cep, (1, "c1", 500), (2, "c2", 5), (3, "c3", 700));
            Assert.Equal(2, new[] { await receiver.NextAsync(), await receiver.NextAsync() }.Select(r => r.Id)
                .Distinct().Count());
            await cep.LineWith("not delivered: the receiver answered 400");
            await CheckReadersAsync();

            // the running deployment takes up what is to be tried again
            var retried = await CepProgram.RunAsync(
                "dead-letters", "retry", _files["d.yaml"], "--sink", "ops", "--json");
            Assert.Equal("{\"retried\":1}", retried.Lines.Single());
            await receiver.NextAsync();
            Assert.Equal(0, await cep.TerminateAsync());
            Assert.Contains("delivered 2 to ops", cep.Errors, StringComparison.Ordinal);
        }

        await CheckReadersAsync();
        Assert.Single((await CepProgram.RunAsync("dead-letters", "list", _files["d.yaml"])).Lines);
    }

    [Fact]
    public async Task AFolderInUse_IsRefusedWithTheNameOfItsOwner()
    {
        using var receiver = new Receiver();
        using var cep = Start(receiver);
        await cep.LineWith("source tcp listen");
        var second = await CepProgram.RunAsync("run", _files["d.yaml"]);
        Assert.Equal(2, second.ExitCode);
        Assert.Contains(
            $"the state folder {_files["state"]} is in use by process ", second.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await cep.TerminateAsync());
    }

    [Fact]
    public async Task OtherRules_StartFromTheJournal_AndSaySo()
    {
        using var receiver = new Receiver();
        using (var cep = Start(receiver, "when: count() over 1h >= 3"))
        {
            await SendAsync(cep, (1, "c1", 5), (2, "c1", 5));
            Assert.Equal(0, await cep.TerminateAsync());
        }

        using (var cep = Start(receiver, "when: sum(amount) over 1h >= 20"))
        {
            await cep.LineWith("state: the rules have changed: large has changed");
            await cep.LineWith(
                "state: rule large starts fresh (remembered values, when changed), warmed by the last 1h");
            await SendAsync(cep, (3, "c1", 15));
            Assert.Contains("c1", (await receiver.NextAsync()).Message, StringComparison.Ordinal);
            Assert.Equal(0, await cep.TerminateAsync());
        }

        Assert.Equal(0, (await CepProgram.RunAsync("verify", _files["d.yaml"])).ExitCode);
    }

    [Fact]
    public async Task WhereNothingCanBeKept_ItStopsAndSaysWhy()
    {
        using var receiver = new Receiver();
        Write(receiver);
        using var cep = CepProgram.StartProgram(
            "/bin/sh", "-c", "trap '' XFSZ; ulimit -f 1000; export DOTNET_EnableWriteXorExecute=0; "
            + $"exec \"{CepProgram.Path()}\" run \"{_files["d.yaml"]}\"");
        using (var peer = new TcpClient("127.0.0.1", await PortAsync(cep)))
        {
            var random = new Random(1);
            var line = new StringBuilder();
            try
            {
                for (var i = 0; i < 400; i++)
                {
                    line.Clear();
                    for (var n = 0; n < 100; n++)
                        line.Append(
                            CultureInfo.InvariantCulture,
                            $"{{\"ts\":{i},\"card\":\"{random.NextInt64()}\",\"amount\":1}}\n");
                    await peer.GetStream().WriteAsync(Encoding.UTF8.GetBytes(line.ToString()));
                }
            }
            catch (IOException)
            {
                // it is gone
            }
        }

        Assert.Equal(2, await cep.ExitAsync());
        Assert.Contains("error: " + _files["state"], cep.Errors, StringComparison.Ordinal);

        // with room again it goes on where it was
        using var again = CepProgram.Start("run", _files["d.yaml"]);
        await again.LineWith("source tcp listen");
        Assert.Equal(0, await again.TerminateAsync());
        Assert.Equal(0, (await CepProgram.RunAsync("verify", _files["d.yaml"])).ExitCode);
    }

    [Fact]
    public async Task StateKeys_AreChecked()
    {
        var path = _files.Write(
            "bad.yaml",
            """
            engine: {checkpoint: often, sync: half, state: "postgres://x", retain: {age: 1, size: much}, damaged: keep}
            rules: []
            sources: []
            """);
        var result = await CepProgram.RunAsync("check", path);
        Assert.Equal(2, result.ExitCode);
        foreach (var text in new[]
        {
            "'often' is no duration", "'sync' is full or normal, not 'half'", "'state' is a folder",
            "'1' is no duration", "'much' is no size", "'damaged' is stop or skip, not 'keep'",
        })
            Assert.Contains(text, result.Errors, StringComparison.Ordinal);
        var none = await CepProgram.RunAsync(
            "check", _files.Write("none.yaml", "engine: {checkpoint: 10s}\nrules: []\nsources: []\n"));
        Assert.Contains("there is no 'state'", none.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => _files.Dispose();

    private static async Task<int> PortAsync(CepProgram cep) =>
        IPEndPoint.Parse((await cep.LineWith("source tcp listen")).Split(' ')[3]).Port;

    private static async Task SendAsync(CepProgram cep, params (int Second, string Card, int Amount)[] events)
    {
        using var peer = new TcpClient("127.0.0.1", await PortAsync(cep));
        var stream = peer.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes("nonsense\n" + string.Concat(events.Select(
            e => $"{{\"ts\":{e.Second * 1000},\"card\":\"{e.Card}\",\"amount\":{e.Amount}}}\n"))));
        peer.Client.Shutdown(SocketShutdown.Send);

        // it closes when it has read all of it
        Assert.Equal(0, await stream.ReadAsync(new byte[1]).AsTask().WaitAsync(CepProgram.Limit));
    }

    private async Task CheckReadersAsync()
    {
        var alerts = await CepProgram.RunAsync("alerts", _files["d.yaml"], "--json");
        Assert.Equal(["c1", "c3"], alerts.Lines.Select(
            l => JsonDocument.Parse(l).RootElement.GetProperty("key").GetProperty("card").GetString()).Order());
        Assert.Equal(2, (await CepProgram.RunAsync("alerts", _files["state"], "--last", "1h")).Lines.Length);
        var letters = await CepProgram.RunAsync("dead-letters", "list", _files["d.yaml"]);
        Assert.Contains("rejected payments 3: ", letters.Output, StringComparison.Ordinal);
        var verified = await CepProgram.RunAsync("verify", _files["d.yaml"]);
        Assert.Equal(0, verified.ExitCode);
        Assert.Contains(" 0 different", verified.Output, StringComparison.Ordinal);

        var other = _files.Write(
            "other.yaml", Workspace.Streams + Workspace.LargeRule.Replace("> 100", "> 600", StringComparison.Ordinal));
        var backtest = await CepProgram.RunAsync("backtest", "--rules", other, "--state", _files["d.yaml"], "--json");
        var json = JsonDocument.Parse(backtest.Output).RootElement;
        Assert.Equal(3, json.GetProperty("events").GetInt32());
        Assert.Equal(0, json.GetProperty("new").GetArrayLength());
        Assert.Equal("{\"card\":\"c1\"}", json.GetProperty("gone")[0].GetProperty("key").GetString());
        Assert.Equal(1, json.GetProperty("rules").GetProperty("large").GetProperty("both").GetInt32());
    }

    private CepProgram Start(Receiver receiver, string when = "when: amount > 100")
    {
        Write(receiver, when);
        return CepProgram.Start("run", _files["d.yaml"]);
    }

    private void Write(Receiver receiver, string when = "when: amount > 100")
    {
        _files.Write("rules.yaml", Workspace.Streams + Workspace.LargeRule.Replace(
            "when: amount > 100", when, StringComparison.Ordinal));
        _files.Write(
            "d.yaml",
            $$$"""
            engine: {state: ./state, checkpoint: every 200ms}
            rules: [rules.yaml]
            sources: [{stream: payments, tcp: {listen: "127.0.0.1:0"}}]
            sinks:
              ops:
                webhook:
                  url: "{{{receiver.Url}}}"
                  secret: whsec_c2VjcmV0IGtleSBmb3IgdGVzdHM=
            """);
    }
}
