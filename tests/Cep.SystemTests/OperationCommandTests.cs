using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Cep.SystemTests;

/// <summary>What operators ask a deployment, and tell it.</summary>
public sealed class OperationCommandTests : IDisposable
{
    private const string Token = "0123456789abcdef-token";
    private const string Secret = "whsec_c2VjcmV0IGtleSBmb3IgdGVzdHM=";
    private const string HighRule =
        """
        rules:
          - rule: high
            on: payments
            by: card
            severity: high
            when: amount > 100
            resolve: amount < 10
            alert: {message: "{card}: {amount}"}
        """;

    private readonly Workspace _files = new();
    private readonly Receiver _receiver = new();
    private readonly string _address = OperationTests.FreeAddress();
    private readonly HttpClient _http = new();

    public OperationCommandTests()
    {
        _http.BaseAddress = new Uri($"http://{_address}");
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    [Fact]
    public async Task Silence_AddedWhileItRuns_OutlivesAKill_AndCanBeEnded()
    {
        string id;
        using (await StartAsync())
        {
            var added = await CepAsync(
                "silence", "add", _files["deployment.yaml"], "--match", "key.card == 'c1'", "--for", "2h", "--why",
                "test bench");
            Assert.Equal(0, added.ExitCode);
            id = added.Output.Trim();
        }

        // killed: no checkpoint was taken
        using var cep = await StartAsync();
        var list = await CepAsync("silence", "list", _files["deployment.yaml"]);
        Assert.StartsWith($"{id} until ", list.Output, StringComparison.Ordinal);
        Assert.EndsWith("key.card == 'c1': test bench\n", list.Output, StringComparison.Ordinal);
        await PostAsync("c1", 1000, 500);
        await PostAsync("c2", 1000, 500);
        Assert.Equal("c2: 500", (await _receiver.NextAsync()).Message);
        Assert.Equal(0, (await CepAsync("silence", "end", id, _files["deployment.yaml"])).ExitCode);
        Assert.Equal("", (await CepAsync("silence", "list", _files["deployment.yaml"])).Output);
        var again = await CepAsync("silence", "end", id, _files["deployment.yaml"]);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("there is no silence of this id", again.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await cep.TerminateAsync());
    }

    [Fact]
    public async Task Alert_ThatFires_CanBeAcknowledged()
    {
        using var cep = await StartAsync();
        await PostAsync("c1", 1000, 500);
        var id = (await _receiver.NextAsync()).Id;
        var recent = JsonDocument.Parse(await _http.GetStringAsync("/api/v1/alerts?limit=5")).RootElement;
        Assert.Equal(id, recent.GetProperty("alerts")[0].GetProperty("id").GetString());
        var acknowledged = await CepAsync("ack", id, _files["deployment.yaml"]);
        Assert.Equal($"acknowledged {id}\n", acknowledged.Output);
        Assert.Equal(1, (await CepAsync("ack", "nobody", _files["deployment.yaml"])).ExitCode);
    }

    [Fact]
    public async Task Status_OfARunningDeployment_AndOfOneThatStopped()
    {
        using (var cep = await StartAsync())
        {
            await PostAsync("c1", 1000, 500);
            await _receiver.NextAsync();
            var json = await CepAsync("status", _files["deployment.yaml"], "--json");
            var status = JsonDocument.Parse(json.Output).RootElement;
            Assert.True(status.GetProperty("running").GetBoolean());
            Assert.Equal("http /pay", status.GetProperty("sources")[0].GetProperty("source").GetString());
            Assert.Equal("high", status.GetProperty("rules")[0].GetProperty("rule").GetString());
            var text = await CepAsync("status", _files["deployment.yaml"]);
            Assert.StartsWith("running since ", text.Output, StringComparison.Ordinal);
            Assert.Contains("\nstream payments: received ", text.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(Token, json.Output + text.Output + cep.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain(Secret, json.Output + text.Output + cep.Errors, StringComparison.Ordinal);
            Assert.Equal(0, await cep.TerminateAsync());
        }

        var stopped = await CepAsync("status", _files["deployment.yaml"]);
        Assert.Equal(0, stopped.ExitCode);
        Assert.StartsWith("not running", stopped.Output, StringComparison.Ordinal);
        Assert.Contains("\njournal sequence 2,", stopped.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense", "no JSON")]
    [InlineData("[]", "'match' and 'why'")]
    [InlineData("{\"match\":\"rule ==\",\"why\":\"x\",\"until\":\"2099-01-01\"}", "")]
    [InlineData("{\"match\":\"rule == 'x'\",\"why\":\"x\",\"until\":\"2001-01-01\"}", "a time to come")]
    [InlineData("{\"match\":\"rule == 'x'\",\"why\":\"x\"}", "a time to come")]
    public async Task Silence_ThatIsWrong_IsRefused(string body, string reason)
    {
        using var cep = await StartAsync();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        var answer = await _http.PostAsync("/api/v1/silences", content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        _http.DefaultRequestHeaders.Authorization = null;
        foreach (var path in new[] { "/api/v1/status", "/api/v1/silences", "/api/v1/alerts" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await _http.GetAsync(path)).StatusCode);
    }

    public void Dispose()
    {
        _http.Dispose();
        _receiver.Dispose();
        _files.Dispose();
    }

    private async Task<CepProgram> StartAsync()
    {
        _files.Write("rules.yaml", Workspace.Streams + HighRule);
        var path = _files.Write(
            "deployment.yaml",
            $$$$"""
            engine: {state: state}
            rules: [rules.yaml]
            sources: [{stream: payments, http: {path: /pay}}]
            sinks: {ops: {webhook: {url: "{{{{_receiver.Url}}}}", secret: "{{{{Secret}}}}"}}}
            routes: [{to: [ops], repeat: 4h}]
            web: {listen: "{{{{_address}}}}", token: "{{{{Token}}}}"}
            """);
        var cep = CepProgram.Start("run", path);
        await cep.LineWith("web http://");
        return cep;
    }

    private static Task<CepResult> CepAsync(params string[] arguments) => CepProgram.RunAsync(arguments);

    private async Task PostAsync(string card, long ts, int amount)
    {
        using var body = new StringContent(
            $"{{\"ts\":{ts},\"card\":\"{card}\",\"amount\":{amount}}}\n", Encoding.UTF8, "application/x-ndjson");
        (await _http.PostAsync("/pay", body)).EnsureSuccessStatusCode();
    }
}
