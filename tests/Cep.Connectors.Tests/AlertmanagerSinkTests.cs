using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Cep.Connectors.Alertmanager;
using Cep.Connectors.Webhooks;
using Cep.Plans;

namespace Cep.Connectors.Tests;

public sealed class AlertmanagerSinkTests
{
    private const string Program = "/usr/bin/prometheus-alertmanager";

    [Fact]
    public async Task Alert_ThatFires_IsSentAgain_UntilItIsResolved()
    {
        var clock = new TestClock();
        using var receiver = new HostileReceiver(_ => "200 OK");
        using var sink = Sink(receiver.Url, clock);
        await sink.SendAsync(Alerts.Of("a"), CancellationToken.None);
        await sink.SendAsync(Alerts.Of("b", rule: "once"), CancellationToken.None);
        clock.Advance(TimeSpan.FromMinutes(1));
        await Taker.UntilAsync(() => receiver.Requests.Count == 3);
        var sent = receiver.Requests.Select(r => Assert.Single(Parse(r.Body))).ToList();
        Assert.Equal("/hook/api/v2/alerts", receiver.Requests.First().Target);
        Assert.Equal("hot", sent[2].GetProperty("labels").GetProperty("alertname").GetString());
        Assert.Equal("2026-01-01T00:04:00.000Z", sent[0].GetProperty("endsAt").GetString());
        Assert.Equal("2026-01-01T00:05:00.000Z", sent[2].GetProperty("endsAt").GetString());

        await sink.SendAsync(
            Alerts.Of("c", status: AlertStatus.Resolved, message: "cool"), CancellationToken.None);
        var resolved = Assert.Single(Parse(receiver.Requests.Last().Body));
        Assert.Equal(sent[0].GetProperty("labels").ToString(), resolved.GetProperty("labels").ToString());
        Assert.Equal("2026-01-01T00:01:00.000Z", resolved.GetProperty("endsAt").GetString());
        await Taker.UntilAsync(() => clock.NextIn == TimeSpan.FromMinutes(1));
        clock.Advance(TimeSpan.FromMinutes(1));
        await Taker.UntilAsync(() => clock.NextIn == TimeSpan.FromMinutes(1));
        Assert.Equal(4, receiver.Requests.Count);
    }

    [Fact]
    public async Task Alertmanager_OfDebian_TakesAlertsAndTheirEnd()
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not installed");
        using var folder = new Certificates();
        var config = Path.ChangeExtension(folder.Ca, ".yml");
        await File.WriteAllTextAsync(config, "route: {receiver: none}\nreceivers: [{name: none}]\n");
        var port = FreePort();
        var start = new ProcessStartInfo(Program)
        {
            ArgumentList =
            {
                $"--config.file={config}", $"--storage.path={Path.GetDirectoryName(config)}",
                string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}"),
                "--cluster.listen-address=",
            },
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        try
        {
            var url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));
            using var sink = Sink(url, TimeProvider.System);
            var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            var alert = Alerts.Of("a", message: "94 °C \"hot\"", atMs: now);
            await sink.SendAsync(alert, CancellationToken.None).WaitAsync(Taker.Limit);
            using var http = new HttpClient { BaseAddress = url };
            var shown = Assert.Single(await AlertsAsync(http));
            Assert.Equal("active", shown.GetProperty("status").GetProperty("state").GetString());
            Assert.Equal("d-1", shown.GetProperty("labels").GetProperty("device").GetString());
            Assert.Equal("94 °C \"hot\"", shown.GetProperty("annotations").GetProperty("summary").GetString());
            Assert.Equal("94.5", shown.GetProperty("annotations").GetProperty("temperature").GetString());
            await sink.SendAsync(
                alert with { Id = "b", Status = AlertStatus.Resolved, Severity = Severity.Low, AtMs = now + 1 },
                CancellationToken.None).WaitAsync(Taker.Limit);
            Assert.Empty(await AlertsAsync(http));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static async Task<JsonElement[]> AlertsAsync(HttpClient http) =>
        (await http.GetFromJsonAsync<JsonElement[]>("api/v2/alerts"))!;

    private static IEnumerable<JsonElement> Parse(string body) => JsonDocument.Parse(body).RootElement.EnumerateArray();

    private static AlertmanagerSink Sink(Uri url, TimeProvider clock) => new(
        "am", url, rule => rule == "hot", new DeliveryOptions { FirstPause = TimeSpan.FromMilliseconds(50) }, clock);

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
