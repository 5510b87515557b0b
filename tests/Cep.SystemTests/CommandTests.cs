using System.Text.Json;

namespace Cep.SystemTests;

public sealed class CommandTests : IDisposable
{
    private readonly Workspace _files = new();

    [Fact]
    public async Task Check_OfAWrongRule_PointsAtThePlace()
    {
        var path = _files.Write(
            "bad.yaml",
            Workspace.Streams + Workspace.LargeRule.Replace(
                "amount > 100", "amuont > 100", StringComparison.Ordinal));
        var result = await CepProgram.RunAsync("check", path);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{path}:10:11: error CEP011: ", result.Errors, StringComparison.Ordinal);
        Assert.Contains("did you mean 'amount'?", result.Errors, StringComparison.Ordinal);
        var json = await CepProgram.RunAsync("check", path, "--json");
        var problem = JsonDocument.Parse(json.Output).RootElement[0];
        Assert.Equal("CEP011", problem.GetProperty("id").GetString());
        Assert.Equal(10, problem.GetProperty("line").GetInt32());
    }

    [Fact]
    public async Task Check_OfADeployment_TellsAllItsProblemsAndNoSecret()
    {
        var path = _files.Write(
            "deployment.yaml",
            """
            rules: [rules.yaml]
            sources:
              - {stream: payments, tcp: {listen: "nowhere"}}
              - {stream: payments, tpc: {listen: "127.0.0.1:1"}}
            sinks:
              ops: {webhook: {url: "${CEP_TEST_MISSING}/hook", secret: "whsec_not-base64!"}}
            routes:
              - {to: [obs], match: "severty >= 'high'"}
            """);
        var result = await CepProgram.RunAsync("check", path);
        Assert.Equal(2, result.ExitCode);
        foreach (var problem in new[]
                 {
                     "3:38: error CEP007: An address is HOST:PORT", "4:24: error CEP005: ", "did you mean 'tcp'?",
                     "6:25: error CEP011: The environment has no variable CEP_TEST_MISSING.",
                     "8:11: error CEP011: There is no sink 'obs'.",
                     "8:25: error CEP010: An alert has no 'severty' to match.",
                     "error CEP007: A secret that begins with whsec_",
                 })
            Assert.Contains(problem, result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_OfRules_CountsAndExitsWithOneWhereOneFails()
    {
        const string tests =
            """
            tests:
              - name: large is found
                given: [{payments: {ts: 0s, card: c1, amount: 101}}]
                expect: [{rule: large, at: 0s, key: c1}]
              - name: small is found
                given: [{payments: {ts: 0s, card: c1, amount: 1}}]
                expect: [{rule: large}]

            """;
        var path = _files.Write("rules.yaml", Workspace.Streams + Workspace.LargeRule + tests);
        var result = await CepProgram.RunAsync("test", path);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"FAILED {path}:16: small is found", result.Output, StringComparison.Ordinal);
        Assert.Equal("1 passed, 1 failed", result.Lines[^1]);
    }

    [Fact]
    public async Task Schema_IsJson()
    {
        var schema = JsonDocument.Parse((await CepProgram.RunAsync("schema")).Output).RootElement;
        Assert.Contains("deployment", schema.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "in.ndjson",
        "{\"ts\":1700000001000,\"card\":\"c\",\"n\":1,\"ok\":true,\"tags\":[\"a\"]}\n"
        + "{\"ts\":1700000000000,\"card\":null,\"n\":1.5}\n")]
    [InlineData(
        "in.csv", "ts,card,n,ok,Bad Name\n2026-01-01T00:00:01Z,c,1,true,x\n2026-01-01T00:00:00Z,,1.5,false,y\n")]
    public async Task Infer_OfASample_GivesADeclarationThatChecks(string name, string text)
    {
        var result = await CepProgram.RunAsync("infer", _files.Write(name, text), "--stream", "payments");
        Assert.Contains("time: ts", result.Output, StringComparison.Ordinal);
        Assert.Contains("out_of_order: 1s", result.Output, StringComparison.Ordinal);
        Assert.Contains("card: string    # null in 50 %", result.Output, StringComparison.Ordinal);
        Assert.Contains("n: number", result.Output, StringComparison.Ordinal);
        var check = await CepProgram.RunAsync("check", _files.Write("streams.yaml", result.Output));
        Assert.Equal(0, check.ExitCode);
    }

    [Fact]
    public async Task Simulate_WithTheSameSeed_WritesTheSameEvents()
    {
        foreach (var name in new[] { "a", "b" })
        {
            var result = await CepProgram.RunAsync(
                "simulate", "fraud", "--seconds", "120", "--seed", "7", "--to", _files[name], "--truth",
                _files[name + ".truth"]);
            Assert.Equal(0, result.ExitCode);
        }

        Assert.NotEmpty(await File.ReadAllTextAsync(_files["a"]));
        Assert.Equal(await File.ReadAllTextAsync(_files["a"]), await File.ReadAllTextAsync(_files["b"]));
        Assert.Equal(await File.ReadAllTextAsync(_files["a.truth"]), await File.ReadAllTextAsync(_files["b.truth"]));
    }

    [Fact]
    public async Task Explain_OfARule_ShowsItsPlan()
    {
        var result = await CepProgram.RunAsync("explain", "large", "--rules", _files.WriteRules());
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("when      (amount > 100)", result.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await CepProgram.RunAsync("explain", "small", "--rules", _files["rules.yaml"])).ExitCode);
    }

    public void Dispose() => _files.Dispose();
}
