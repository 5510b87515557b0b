using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Cep.SystemTests;

/// <summary>A deployment as those see it who watch over it.</summary>
public sealed class OperationTests : IDisposable
{
    private const string Token = "0123456789abcdef-token";
    private const string Secret = "whsec_c2VjcmV0IGtleSBmb3IgdGVzdHM=";
    private readonly Workspace _files = new();
    private readonly Receiver _receiver = new();
    private readonly HttpClient _http = new();

    [Fact]
    public async Task Metrics_TellWhatHappened_AsPrometheusWantsIt()
    {
        using var cep = await StartAsync();
        await PostAsync();
        var text = await MetricsWithAsync(
            "cep_stream_events_total{stream=\"payments\",outcome=\"processed\"} 2\n",
            "cep_sink_delivered_total{sink=\"ops\"} 1\n", "cep_checkpoints_total 1\n", "cep_checkpoint_age_seconds ");
        foreach (var line in new[]
        {
            "cep_stream_events_received_total{stream=\"payments\"} 3",
            "cep_stream_events_total{stream=\"payments\",outcome=\"rejected\"} 1",
            "cep_rule_events_total{rule=\"large\",outcome=\"evaluated\"} 2",
            "cep_rule_events_seen_total{rule=\"large\"} 2",
            "cep_rule_alerts_total{rule=\"large\"} 1",
            "cep_source_events_total{source=\"http /pay\",stream=\"payments\"} 2",
            "cep_source_rejected_total{source=\"http /pay\",stream=\"payments\"} 1",
            "cep_source_running{source=\"http /pay\",stream=\"payments\"} 1",
            "cep_sink_waiting_alerts{sink=\"ops\"} 0",
            "cep_notifier_muted_total 0",
            "cep_journal_records_total 1",
            "cep_queue_batches{queue=\"entrance\"} 0",
            "cep_journal_commit_duration_seconds_bucket{le=\"+Inf\"} ",
            "cep_stream_watermark_lag_seconds{stream=\"payments\"} ",
            "process_resident_memory_bytes ",
        })
            Assert.Contains("\n" + line, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        Assert.Equal(0, await cep.TerminateAsync());
    }

    [Fact]
    public async Task Metrics_PassPromtool()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/promtool"), "promtool is not installed (apt install prometheus)");
        using var cep = await StartAsync();
        await PostAsync();
        var text = await MetricsWithAsync("cep_checkpoints_total 1\n");
        using var promtool = Process.Start(new ProcessStartInfo("/usr/bin/promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        var said = await promtool.StandardError.ReadToEndAsync() + await promtool.StandardOutput.ReadToEndAsync();
        await promtool.WaitForExitAsync().WaitAsync(CepProgram.Limit);
        Assert.Equal("", said);
        Assert.Equal(0, promtool.ExitCode);
    }

    [Fact]
    public async Task Prometheus_ScrapesWithTheToken()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/prometheus"), "prometheus is not installed (apt install prometheus)");
        using var cep = await StartAsync();
        await PostAsync();
        await MetricsWithAsync("cep_rule_alerts_total{rule=\"large\"} 1\n");
        var config = _files.Write(
            "prometheus.yml",
            $$"""
            global: {scrape_interval: 1s}
            scrape_configs:
              - job_name: cep
                authorization: {credentials: {{Token}}}
                static_configs: [{targets: ["{{_http.BaseAddress!.Authority}}"]}]
            """);
        var address = FreeAddress();
        using var prometheus = Process.Start(new ProcessStartInfo(
            "/usr/bin/prometheus",
            [
                $"--config.file={config}", $"--storage.tsdb.path={_files["tsdb"]}", $"--web.listen-address={address}",
                "--log.level=error",
            ]))!;
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://{address}") };
            var value = await EventuallyAsync(async () => Answer(await http.GetStringAsync(
                "/api/v1/query?query=" + Uri.EscapeDataString("cep_rule_alerts_total{rule=\"large\"}"))));
            Assert.Equal("1", value);
        }
        finally
        {
            prometheus.Kill();
            await prometheus.WaitForExitAsync().WaitAsync(CepProgram.Limit);
        }

        static string? Answer(string json) =>
            JsonDocument.Parse(json).RootElement.GetProperty("data").GetProperty("result") is var result
            && result.GetArrayLength() > 0
                ? result[0].GetProperty("value")[1].GetString()
                : null;
    }

    [Fact]
    public async Task HealthAndReadiness_NeedNoToken_MetricsDo_UnlessOpen()
    {
        using (var cep = await StartAsync())
        {
            _http.DefaultRequestHeaders.Authorization = null;
            Assert.Equal("ok\n", await _http.GetStringAsync("/healthz"));
            Assert.Equal("ok\n", await EventuallyAsync(async () =>
                await _http.GetAsync("/readyz") is { IsSuccessStatusCode: true } ready
                    ? await ready.Content.ReadAsStringAsync()
                    : null));
            Assert.Equal(HttpStatusCode.Unauthorized, (await _http.GetAsync("/metrics")).StatusCode);
            Assert.Equal(0, await cep.TerminateAsync());
        }

        using var open = await StartAsync(", metrics: open");
        using var http = new HttpClient { BaseAddress = new Uri((await open.LineWith("web http://")).Split(' ')[1]) };
        Assert.Contains("cep_build_info{", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _http.Dispose();
        _receiver.Dispose();
        _files.Dispose();
    }

    private async Task<CepProgram> StartAsync(string web = "")
    {
        _files.WriteRules();
        var path = _files.Write(
            "deployment.yaml",
            $$$$"""
            engine: {state: state, checkpoint: every 1s}
            rules: [rules.yaml]
            sources: [{stream: payments, http: {path: /pay}}]
            sinks: {ops: {webhook: {url: "{{{{_receiver.Url}}}}", secret: "{{{{Secret}}}}"}}}
            web: {listen: "127.0.0.1:0", token: "${CEP_TOKEN}"{{{{web}}}}}
            """);
        var cep = CepProgram.Start(("CEP_TOKEN", Token), "run", path);
        var line = await cep.LineWith("web http://");
        if (_http.BaseAddress is null)
        {
            _http.BaseAddress = new Uri(line.Split(' ')[1]);
            _http.DefaultRequestHeaders.Add("Authorization", $"Bearer {Token}");
        }

        return cep;
    }

    private async Task PostAsync()
    {
        using var body = new StringContent(
            "{\"ts\":1000,\"card\":\"c1\",\"amount\":500}\nnonsense\n{\"ts\":2000,\"card\":\"c2\",\"amount\":5}\n",
            Encoding.UTF8, "application/x-ndjson");
        (await _http.PostAsync("/pay", body)).EnsureSuccessStatusCode();
        await _receiver.NextAsync();
    }

    private Task<string> MetricsWithAsync(params string[] lines) => EventuallyAsync(async () =>
        await _http.GetStringAsync("/metrics") is var text
        && Array.TrueForAll(lines, l => text.Contains("\n" + l, StringComparison.Ordinal))
            ? text
            : null);

    private static async Task<T> EventuallyAsync<T>(Func<Task<T?>> look)
        where T : class
    {
        using var limit = new CancellationTokenSource(CepProgram.Limit);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await beat.WaitForNextTickAsync(limit.Token))
        {
            try
            {
                if (await look() is { } found)
                    return found;
            }
            catch (HttpRequestException)
            {
                // not listening yet
            }
        }

        throw new TimeoutException();
    }

    internal static string FreeAddress()
    {
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return string.Create(CultureInfo.InvariantCulture, $"{(IPEndPoint)probe.LocalEndpoint}");
    }
}
