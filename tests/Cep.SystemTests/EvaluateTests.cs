using System.Text.Json;

namespace Cep.SystemTests;

public sealed class EvaluateTests : IDisposable
{
    private readonly Workspace _files = new();

    [Fact]
    public async Task Evaluate_OfAWorld_GivesRecallAndPrecisionOfItsRules()
    {
        var result = await CepProgram.RunAsync("evaluate", "logins", "--json", "--seed", "42");
        Assert.Equal(0, result.ExitCode);
        var rules = JsonDocument.Parse(result.Output).RootElement.EnumerateArray()
            .ToDictionary(r => r.GetProperty("rule").GetString()!);
        Assert.Contains("stolen-session", rules.Keys);
        Assert.DoesNotContain("velocity", rules.Keys);
        var found = rules["brute-force"];
        Assert.Equal("brute_force", found.GetProperty("scenario").GetString());
        Assert.True(found.GetProperty("recall").GetDouble() >= 0.9);
        Assert.True(found.GetProperty("precision").GetDouble() >= 0.9);
        Assert.Equal(JsonValueKind.Null, rules["failure-rate"].GetProperty("recall").ValueKind);
    }

    [Fact]
    public async Task Evaluate_OfARuleThatNamesNoScenario_CountsItsAlertsOnly()
    {
        var rules = _files.Write(
            "rules.yaml",
            """
            streams:
              readings: {time: ts, fields: {ts: timestamp, device: string, temperature: number}}
            rules:
              - {rule: hot, on: readings, by: device, tags: [iot], when: temperature > 1000}
              - {rule: none, on: readings, by: device, tags: [overheating], when: temperature > 1000}

            """);
        var result = await CepProgram.RunAsync("evaluate", "sensors", "--rules", rules, "--seconds", "600");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            """
            world    rule  scenario     incidents  found  recall  alerts  right  precision
            sensors  hot   -                    -      -       -       0      0          -
            sensors  none  overheating          4      0   0.0 %       0      0          -

            """,
            result.Output);
        Assert.Equal(2, (await CepProgram.RunAsync("evaluate", "fraud", "--rules", rules)).ExitCode);
        Assert.Equal(2, (await CepProgram.RunAsync("evaluate", "weather", "--rules", rules)).ExitCode);
    }

    public void Dispose() => _files.Dispose();
}
