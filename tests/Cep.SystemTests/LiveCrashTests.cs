using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

using System.Text.Json;
using System.Text.Json.Nodes;
using Cep.Mqtt;
using Cep.Mqtt.Tests.Peers;

namespace Cep.SystemTests;

/// <summary>
/// Devices that publish through mosquitto (QoS 1), a system that sends over TCP, a webhook: the program in between is
/// killed again and again, and in the end the webhook has got what a replay of the same events gives.
/// </summary>
public sealed class LiveCrashTests : IDisposable
{
    private const int Payments = 6000;
    private const int Logins = 3000;

    private const string Rules =
        """
        streams:
          payments:
            time: ts
            out_of_order: 2s
            fields: {ts: timestamp, card: string, country: string, amount: number}
          logins: {time: ts, fields: {ts: timestamp, card: string, ok: bool}}
        defaults: {where: card != 'end'}
        rules:
          - rule: many
            on: payments
            by: card
            when: count() over 60s >= 6
            trigger: rising
          - {rule: stays-large, on: payments, by: country, when: amount > 60, for: 1s, resolve: amount < 10}
          - rule: probes
            on: payments
            by: card
            pattern: probe{2,} -> hit
            within: 60s
            define: {probe: amount < 10, hit: amount > 90}
          - {rule: totals, on: payments, by: country, window: tumbling 10s, select: {n: count(), sum: sum(amount)}}
          - {rule: failures, on: logins, by: card, when: count(not ok) over 30s >= 4, trigger: rising}
          - {rule: visits, on: logins, by: card, window: session gap 20s, select: {n: count()}, when: n > 4}

        """;

    /// <summary>CEP_KILLS: how often it is killed.</summary>
    private static readonly int Kills =
        int.TryParse(Environment.GetEnvironmentVariable("CEP_KILLS"), out var kills) ? kills : 20;

    private readonly Workspace _files = new();
    private readonly string[] _payments = new string[Payments];
    private readonly string[] _logins = new string[Logins];

    [Fact]
    public async Task KilledWhileEventsFlow_TheWebhookGetsTheAlertsOfAReplay()
    {
        using var broker = await Mosquitto.StartAsync();
        using var receiver = new Receiver();
        WriteEvents();
        var expected = await ReplayAsync();
        var port = FreePort();
        var deployment = Deployment(broker.Port, port, receiver.Url);
        var got = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var collecting = CollectAsync(receiver, got, expected.Count);

        using var stop = new CancellationTokenSource(CepProgram.Limit);
        var peer = new AcknowledgedPeer(port, "till", _logins);
        var sending = peer.RunAsync(stop.Token);
        await using (var device = await RunningClient.StartAsync(broker.To(MqttVersion.V5, "device")))
        {
            var random = new Random(1);
            await FirstLifeAsync(deployment);
            for (var n = 1; n <= Kills; n++)
            {
                peer.Send(Logins * n / Kills);
                using var cep = CepProgram.Start("run", deployment);
                var publishing = PublishAsync(device, Payments * (n - 1) / Kills, Payments * n / Kills);
                if (random.Next(4) > 0)
                    await cep.LineWith("connected");
                await Task.Delay(random.Next(150), stop.Token);
                cep.Kill();
                await publishing;
            }
        }

        using (var last = CepProgram.Start("run", deployment))
        {
            await sending;
            await Task.WhenAny(collecting, Task.Delay(TimeSpan.FromSeconds(30), stop.Token));
            Assert.Equal(0, await last.TerminateAsync());
        }

        Assert.Equal(expected.Keys.Order(), got.Keys.Order());
        Assert.All(expected, alert => Assert.Equal(alert.Value, got[alert.Key]));
        var verified = await CepProgram.RunAsync("verify", deployment);
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Errors);
        Assert.True(expected.Count > 500, $"{expected.Count} alerts");
    }

    public void Dispose() => _files.Dispose();

    /// <summary>The broker keeps messages for it once it has been there.</summary>
    private static async Task FirstLifeAsync(string deployment)
    {
        using var cep = CepProgram.Start("run", deployment);
        await cep.LineWith("connected");
        Assert.Equal(0, await cep.TerminateAsync());
    }

    /// <summary>As a device does, one after the other: the broker has each before the next is sent.</summary>
    private async Task PublishAsync(RunningClient device, int from, int to)
    {
        for (var i = from; i < to; i++)
            await device.PublishAsync("pay/tx", _payments[i]);
    }

    /// <summary>Takes what comes until it is all there; what comes again must be the same.</summary>
    private static async Task CollectAsync(Receiver receiver, ConcurrentDictionary<string, string> got, int count)
    {
        while (got.Count < count)
        {
            var request = await receiver.NextAsync();
            var alert = JsonNode.Parse(request.Body)!["data"]!;
            var body = Canonical(alert);
            Assert.Equal(got.GetOrAdd(alert["id"]!.GetValue<string>(), body), body);
        }
    }

    private async Task<Dictionary<string, string>> ReplayAsync()
    {
        var result = await CepProgram.RunAsync(
            "replay", "--rules", _files["rules.yaml"], "--input", $"payments={_files["payments.ndjson"]}",
            "--input", $"logins={_files["logins.ndjson"]}");
        Assert.Equal(0, result.ExitCode);
        return result.Lines.Select(l => JsonNode.Parse(l)!).ToDictionary(
            a => a["id"]!.GetValue<string>(), Canonical, StringComparer.Ordinal);
    }

    private static string Canonical(JsonNode alert) => alert.ToJsonString(new JsonSerializerOptions());

    private void WriteEvents()
    {
        var random = new Random(7);
        for (var i = 0; i < Payments - 1; i++)
            _payments[i] = string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"ts\":{1000 + i * 50 - random.Next(1500)},\"card\":\"c{random.Next(40)}\","
                + $"\"country\":\"{"ABC"[random.Next(3)]}\",\"amount\":{random.Next(100)}}}");
        for (var i = 0; i < Logins - 1; i++)
            _logins[i] = string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"ts\":{i * 100},\"card\":\"c{random.Next(60)}\","
                + $"\"ok\":{(random.Next(2) == 0 ? "true" : "false")}}}");
        _payments[^1] = """{"ts":9000000,"card":"end","country":"A","amount":50}""";
        _logins[^1] = """{"ts":9000000,"card":"end","ok":true}""";
        _files.Write("rules.yaml", Rules);
        _files.Write("payments.ndjson", string.Join('\n', _payments) + "\n");
        _files.Write("logins.ndjson", string.Join('\n', _logins) + "\n");
    }

    private string Deployment(int broker, int port, string url) => _files.Write(
        "deployment.yaml",
        $$"""
        engine: {state: state, checkpoint: 200ms}
        rules: [rules.yaml]
        sources:
          - stream: payments
            mqtt: {server: "mqtt://127.0.0.1:{{broker}}", topics: [pay/tx], client_id: cep, session: 1h}
          - {stream: logins, tcp: {listen: "127.0.0.1:{{port}}", ack: true} }
        sinks:
          hook:
            webhook: {url: "{{url}}" }

        """);

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
