using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Cep.SystemTests;

public sealed class ReplayTests : IDisposable
{
    private const string Events =
        """
        {"ts":1000,"card":"c1","amount":50}
        {"ts":2000,"card":"c2","amount":150}
        {"ts":3000,"card":"c1","amount":"much"}
        {"ts":4000,"card":"c1","amount":250}

        """;

    private readonly Workspace _files = new();

    [Fact]
    public async Task Replay_OfNdjson_WritesAlertsInOrder()
    {
        var result = await CepProgram.RunAsync(
            "replay", "--rules", _files.WriteRules(), "--input", $"payments={_files.Write("in.ndjson", Events)}");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["c2: 150", "c1: 250"], result.Lines.Select(l => Field(l, "message")));
        Assert.Equal(
            ["1970-01-01T00:00:02.000Z", "1970-01-01T00:00:04.000Z"], result.Lines.Select(l => Field(l, "at")));
        Assert.Contains(
            "line 3: field 'amount' must be a number, but is the string \"much\"", result.Errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_OfEveryFormat_GivesTheSameAlerts()
    {
        var rules = _files.WriteRules();
        var ndjson = _files.Write("in.ndjson", Events.Replace("\"much\"", "7", StringComparison.Ordinal));
        var csv = _files.Write(
            "in.csv", "amount,card,ts\n50,c1,1000\n150,c2,2000\n7,c1,3000\n250,c1,1970-01-01T00:00:04Z\n");
        await using (var gz = new GZipStream(File.Create(_files["in.ndjson.gz"]), CompressionLevel.Fastest))
            await gz.WriteAsync(await File.ReadAllBytesAsync(ndjson));
        var expected = await CepProgram.RunAsync("replay", "--rules", rules, "--input", $"payments={ndjson}");
        Assert.Equal(2, expected.Lines.Length);
        foreach (var input in new[] { csv, _files["in.ndjson.gz"] })
            Assert.Equal(
                expected.Output,
                (await CepProgram.RunAsync("replay", "--rules", rules, "--input", $"payments={input}")).Output);
        var piped = await CepProgram.RunWithInputAsync(
            await File.ReadAllTextAsync(ndjson), "replay", "--rules", rules, "--input", "payments=-");
        Assert.Equal(expected.Output, piped.Output);
    }

    [Fact]
    public async Task Replay_WithStats_AccountsForEveryEvent()
    {
        var result = await CepProgram.RunAsync(
            "replay", "--rules", _files.WriteRules(), "--input", $"payments={_files.Write("in.ndjson", Events)}",
            "--stats", "--strict", "--out", _files["out"], "--dead-letters", _files["dead"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Equal(2, (await File.ReadAllLinesAsync(_files["out"])).Length);
        var dead = JsonDocument.Parse(Assert.Single(await File.ReadAllLinesAsync(_files["dead"]))).RootElement;
        Assert.Equal("""{"ts":3000,"card":"c1","amount":"much"}""", dead.GetProperty("raw").GetString());
        Assert.Equal(2, dead.GetProperty("seq").GetInt64());
        var stats = JsonDocument.Parse(result.Errors).RootElement;
        Assert.Equal(4, stats.GetProperty("events").GetInt64());
        Assert.Equal(1, stats.GetProperty("rejected").GetInt64());
        Assert.Equal(2, stats.GetProperty("alerts").GetProperty("large").GetInt64());
        var stream = stats.GetProperty("ledger").GetProperty("streams").GetProperty("payments");
        var parts = stream.EnumerateObject().Where(p => p.Name != "received").Sum(p => p.Value.GetInt64());
        Assert.Equal(4, stream.GetProperty("received").GetInt64());
        Assert.Equal(4, parts);
    }

    [Fact]
    public async Task Replay_Until_StopsTheClock()
    {
        var result = await CepProgram.RunAsync(
            "replay", "--rules", _files.WriteRules(), "--input", $"payments={_files.Write("in.ndjson", Events)}",
            "--until", "1970-01-01T00:00:04Z");
        Assert.Equal(["c2: 150"], result.Lines.Select(l => Field(l, "message")));
    }

    [Fact]
    public async Task Replay_OfSeveralFilesOfAStream_CountsPositionsOn()
    {
        var rules = _files.WriteRules();
        var first = _files.Write("1.ndjson", "{\"ts\":1,\"card\":\"a\",\"amount\":101}\nbroken\n");
        var second = _files.Write("2.ndjson", "{\"ts\":2,\"card\":\"b\",\"amount\":102}\n");
        var result = await CepProgram.RunAsync(
            "replay", "--rules", rules, "--input", $"payments={second}", $"payments={first}");
        Assert.Equal(["a", "b"], result.Lines.Select(l => Field(l, "message")[..1]));
        Assert.Equal(
            [0, 2],
            result.Lines.Select(
                l => JsonDocument.Parse(l).RootElement.GetProperty("evidence")[0].GetProperty("seq").GetInt64()));
    }

    [Fact]
    public async Task Replay_OfManyEvents_IsTheSameWithAnyNumberOfWorkers()
    {
        var text = new StringBuilder();
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
            text.Append(
                null, $"{{\"ts\":{i * 10},\"card\":\"c{random.Next(50)}\",\"amount\":{random.Next(1, 110)}}}\n");
        var input = _files.Write("in.ndjson", text.ToString());
        var one = await CepProgram.RunAsync("replay", "--rules", _files.WriteRules(), "--input", $"payments={input}");
        var two = await CepProgram.RunAsync(
            "replay", "--rules", _files.WriteRules(), "--input", $"payments={input}", "--workers", "2");
        Assert.NotEmpty(one.Output);
        Assert.Equal(one.Output, two.Output);
    }

    [Theory]
    [InlineData("replay", "--rules", "RULES", "--input", "nothing=IN")]
    [InlineData("replay", "--rules", "RULES", "--input", "payments=/no/such/file")]
    [InlineData("replay", "--rules", "/no/such/rules", "--input", "payments=IN")]
    [InlineData("replay", "--rules", "BAD", "--input", "payments=IN")]
    [InlineData("replay", "--rules", "RULES", "--input", "payments=IN", "--speed", "fast")]
    [InlineData("replay", "--rules", "RULES")]
    [InlineData("reply")]
    public async Task Command_ThatCannotRun_ExitsWithTwoAndSaysWhy(params string[] arguments)
    {
        var rules = _files.WriteRules();
        var bad = _files.Write(
            "bad.yaml",
            Workspace.Streams + Workspace.LargeRule.Replace(
                "amount > 100", "amuont > 100", StringComparison.Ordinal));
        var input = _files.Write("in.ndjson", Events);
        var result = await CepProgram.RunAsync(
            [.. arguments.Select(a => a.Replace("RULES", rules, StringComparison.Ordinal)
            .Replace("BAD", bad, StringComparison.Ordinal).Replace("=IN", "=" + input, StringComparison.Ordinal))]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("error", result.Errors, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    public void Dispose() => _files.Dispose();

    private static string Field(string line, string name) =>
        JsonDocument.Parse(line).RootElement.GetProperty(name).GetString()!;
}
