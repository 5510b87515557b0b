using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cep.SystemTests;

/// <summary>Rule files that change while their deployment runs.</summary>
public sealed class ReloadTests : IDisposable
{
    private const string Many = "count() over 1h >= 3";
    private readonly Workspace _files = new();
    private int _second;

    [Fact]
    public async Task ABadChange_IsRefused_AThresholdKeepsWhatWasCounted_AnotherAggregateIsWarmed()
    {
        using var receiver = new Receiver();
        Write(receiver, Many);
        using (var cep = CepProgram.Start("run", _files["d.yaml"]))
        {
            await SendAsync(cep, "c1", "c1");
            Write(receiver, "count() over 1h >= nothing");
            await cep.LineWith("the change is refused, the rules that run go on");
            await cep.LineWith("error CEP");
            await SendAsync(cep, "c1", "c2");
            await MessageAsync(receiver, "c1 3");

            // three of c1 are not enough any more, and one more is
            Write(receiver, "count() over 1h >= 4");
            await cep.LineWith("rules: rule many keeps its state (when: 3 \u2192 4)");
            await SendAsync(cep, "c1");
            await MessageAsync(receiver, "c1 4");
        }

        // killed; goes on, with what it knew under both sets of rules
        using (var cep = CepProgram.Start("run", _files["d.yaml"]))
        {
            await SendAsync(cep, "c1", "c2");
            await MessageAsync(receiver, "c1 5");
            var planned = await PlanAsync("sum(amount) over 1h >= 30", receiver);
            Assert.Contains("many starts fresh (remembered values, when changed)", planned, StringComparison.Ordinal);
            await cep.LineWith("rules: rule many starts fresh");
            await SendAsync(cep, "c2");
            await MessageAsync(receiver, "c2 3");
            Assert.Equal(0, await cep.TerminateAsync());
        }

        var verified = await CepProgram.RunAsync("verify", _files["d.yaml"]);
        Assert.Equal(0, verified.ExitCode);
        Assert.Contains(" 4 alerts the same, 0 different", verified.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_OfTwoSetsOfRules_SaysWhatBecomesOfThem()
    {
        using var receiver = new Receiver();
        var was = _files.Write("was.yaml", Rules(Many));
        var now = _files.Write("now.yaml", Rules("count() over 1h >= 5"));
        var plan = await CepProgram.RunAsync("plan", "--from", was, "--to", now);
        Assert.Equal("many keeps its state (when: 3 \u2192 5)", plan.Lines.Single());
        Assert.Equal(0, plan.ExitCode);
        var json = await CepProgram.RunAsync("plan", "--from", was, "--to", now, "--json");
        Assert.StartsWith("[{\"rule\":\"many\",\"fate\":\"keeps-state\"", json.Output, StringComparison.Ordinal);
        var bad = _files.Write("bad.yaml", Rules("count() over 1h >= nothing"));
        Assert.Equal(2, (await CepProgram.RunAsync("plan", "--from", was, "--to", bad)).ExitCode);
    }

    public void Dispose() => _files.Dispose();

    private static async Task MessageAsync(Receiver receiver, string message)
    {
        // what was on its way when the program was killed comes again
        while ((await receiver.NextAsync()).Message != message)
        {
        }
    }

    private static string Rules(string when) => Workspace.Streams
        + $$"""
        rules:
          - rule: many
            on: payments
            by: card
            let: {n: count() over 1h}
            when: {{when}}
            alert: {message: "{card} {n}"}

        """;

    private async Task<string> PlanAsync(string when, Receiver receiver)
    {
        _files.Write("next.yaml", Rules(when));
        var planned = await CepProgram.RunAsync("plan", "--from", _files["rules.yaml"], "--to", _files["next.yaml"]);
        Write(receiver, when);
        return planned.Output;
    }

    private async Task SendAsync(CepProgram cep, params string[] cards)
    {
        var port = IPEndPoint.Parse((await cep.LineWith("source tcp listen")).Split(' ')[3]).Port;
        using var peer = new TcpClient("127.0.0.1", port);
        var stream = peer.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(cards.Select(c => string.Create(
            CultureInfo.InvariantCulture, $"{{\"ts\":{++_second * 1000},\"card\":\"{c}\",\"amount\":10}}\n")))));
        peer.Client.Shutdown(SocketShutdown.Send);

        // it closes when it has read all of it
        Assert.Equal(0, await stream.ReadAsync(new byte[1]).AsTask().WaitAsync(CepProgram.Limit));
    }

    private void Write(Receiver receiver, string when)
    {
        _files.Write("rules.yaml", Rules(when));
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
