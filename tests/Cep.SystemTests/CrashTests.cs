using System.Globalization;
using System.Text;

namespace Cep.SystemTests;

/// <summary>The promise, held against the program itself: <c>kill -9</c> at any instant, start again.</summary>
public sealed class CrashTests : IDisposable
{
    private const string Rules =
        """
        streams:
          payments:
            time: ts
            out_of_order: 3s
            fields: {ts: timestamp, card: string, country: string, amount: number}
          logins: {time: ts, fields: {ts: timestamp, card: string, ok: bool}}
        rules:
          - rule: many
            on: payments
            by: card
            let: {n: count() over 60s, mean: avg(amount) over prior 60s}
            when: n >= 5
            trigger: rising
            alert: {message: "{card}: {n} {mean:0.00}", dedupe: 2m}
          - {rule: stays-large, on: payments, by: country, when: amount > 70, for: 2s, resolve: amount < 10}
          - rule: probes
            on: payments
            by: card
            pattern: probe{2,} -> hit
            within: 60s
            define: {probe: amount < 10, hit: amount > 90}
          - rule: no-login
            on: payments
            by: card
            pattern: spend -> !login
            within: 20s
            define:
              spend: amount > 98
              login: {on: logins, where: ok}
          - {rule: totals, on: payments, by: country, window: tumbling 10s, select: {n: count(), sum: sum(amount)}}
          - {rule: visits, on: payments, by: card, window: session gap 20s, select: {n: count()}, when: n > 6}
          - rule: the-end
            on: payments
            by: card
            pattern: paid -> seen
            within: 1h
            define: {paid: amount == 123456, seen: {on: logins, where: card == 'last'}}

        """;

    /// <summary>CEP_KILLS: how often it is killed.</summary>
    private static readonly int Kills =
        int.TryParse(Environment.GetEnvironmentVariable("CEP_KILLS"), out var kills) ? kills : 24;

    private readonly Workspace _files = new();

    [Fact]
    public async Task KilledAtRandomInstants_ItRaisesTheAlertsOfAnUndisturbedRun()
    {
        WriteEvents();
        var undisturbed = Deployment("undisturbed");
        var expected = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        await RunToEndAsync(undisturbed, expected);

        var killed = Deployment("killed");
        var found = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        var random = new Random(1);
        for (var n = 0; n < Kills; n++)
            await KillAsync(killed, found, random, expected.Count / Kills);
        await RunToEndAsync(killed, found);

        Assert.All(found, alert => Assert.Single(alert.Value));
        Assert.Equal(expected.Keys.Order(), found.Keys.Order());
        Assert.All(expected, alert => Assert.Equal(alert.Value.Single(), found[alert.Key].Single()));
        Assert.True(expected.Count > 1000, $"{expected.Count} alerts");
    }

    public void Dispose() => _files.Dispose();

    private static async Task KillAsync(
        string deployment, Dictionary<string, HashSet<string>> found, Random random, int alerts)
    {
        using var run = new KilledRun(deployment);

        // while it starts and recovers, between two alerts, or a little after one
        if (random.Next(6) > 0)
            await run.ReadAsync(random.Next(1, Math.Max(2, alerts * 2)), IsEnd);
        if (random.Next(2) == 0)
            await Task.Delay(random.Next(random.Next(4) == 0 ? 700 : 60));
        await run.KillAsync();
        Add(run, found);
    }

    private static async Task RunToEndAsync(string deployment, Dictionary<string, HashSet<string>> found)
    {
        using var run = new KilledRun(deployment);
        if (!found.Values.Any(lines => lines.Any(IsEnd)))
            await run.ReadAsync(int.MaxValue, IsEnd);
        else
            await run.ReadAsync(0, IsEnd);
        var code = await run.TerminateAsync();
        Assert.True(code == 0, await run.Errors);
        Add(run, found);
    }

    private static bool IsEnd(string line) => line.Contains("\"the-end\"", StringComparison.Ordinal);

    private static void Add(KilledRun run, Dictionary<string, HashSet<string>> found)
    {
        foreach (var (id, line) in run.Alerts)
        {
            if (!found.TryGetValue(id, out var lines))
                found.Add(id, lines = new(StringComparer.Ordinal));
            lines.Add(line);
        }
    }

    private string Deployment(string name)
    {
        _files.Write("rules.yaml", Rules);
        return _files.Write(
            name + ".yaml",
            $$$"""
            engine: {state: ./{{{name}}}, checkpoint: 100ms}
            rules: [rules.yaml]
            sources:
              - {stream: logins, file: {path: logins.ndjson}}
              - {stream: payments, file: {path: payments.ndjson}}
            """);
    }

    private void WriteEvents()
    {
        var random = new Random(7);
        var (payments, logins) = (new StringBuilder(), new StringBuilder());
        const long Start = 1_767_225_600_000;
        for (var i = 0; i < 100_000; i++)
        {
            var ts = Start + i * 15L - random.Next(2500);
            var (amount, card, country) = (random.Next(10_000) / 100.0, random.Next(2000), random.Next(5));
            payments.Append(CultureInfo.InvariantCulture,
                $"{{\"ts\":{ts},\"card\":\"c{card}\",\"country\":\"C{country}\",\"amount\":{amount}}}\n");
            if (i % 3 == 0)
                logins.Append(CultureInfo.InvariantCulture,
                    $"{{\"ts\":{Start + i * 15L},\"card\":\"c{random.Next(2000)}\",\"ok\":true}}\n");
            if (i % 1000 == 0)
                payments.Append("nonsense\n");
        }

        var end = Start + 100_000 * 15L;
        foreach (var (after, card, amount) in new[] { (60, "last", 123456), (120, "c0", 1) })
        {
            payments.Append(CultureInfo.InvariantCulture,
                $"{{\"ts\":{end + after * 1000},\"card\":\"{card}\",\"country\":\"C0\",\"amount\":{amount}}}\n");
            logins.Append(CultureInfo.InvariantCulture,
                $"{{\"ts\":{end + after * 1000 + 1},\"card\":\"{card}\",\"ok\":true}}\n");
        }

        _files.Write("payments.ndjson", payments.ToString());
        _files.Write("logins.ndjson", logins.ToString());
    }
}
