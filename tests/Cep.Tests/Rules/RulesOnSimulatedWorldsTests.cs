using Cep.Plans;
using Cep.Alerts;
using Cep.Simulators;
using Xunit;

namespace Cep.Tests.Rules;

/// <summary>That the shipped rules find what really happens in the simulated worlds, and not much else.</summary>
public sealed class RulesOnSimulatedWorldsTests
{
    [Theory]
    [InlineData("fraud", "card-testing", "card_testing", 0.95, 0.8)]
    [InlineData("fraud", "velocity", "velocity", 0.95, 0.9)]
    [InlineData("fraud", "impossible-travel", "impossible_travel", 0.9, 0.8)]
    [InlineData("fraud", "account-takeover", "account_takeover", 0.95, 0.8)]
    [InlineData("fraud", "card-testing-sequence", "card_testing", 0.95, 0.8)]
    [InlineData("fraud", "account-takeover-sequence", "account_takeover", 0.95, 0.95)]
    [InlineData("sensors", "vibration-spike", "spike", 0.8, 0.8)]
    [InlineData("sensors", "temperature-drift", "drift", 0.8, 0.8)]
    [InlineData("sensors", "stuck-sensor", "stuck", 0.95, 0.95)]
    [InlineData("sensors", "silent-device", "silent", 0.95, 0.95)]
    [InlineData("sensors", "overheating", "overheating", 0.95, 0.8)]
    [InlineData("logins", "brute-force", "brute_force", 0.95, 0.95)]
    [InlineData("logins", "brute-force-then-success", "brute_force", 0.95, 0.95)]
    [InlineData("logins", "password-spraying", "password_spraying", 0.95, 0.9)]
    [InlineData("logins", "stolen-session", "stolen_session", 0.95, 0.95)]
    public void Rule_OnSimulatedWorld_FindsItsScenario(
        string world, string rule, string scenario, double recall, double precision)
    {
        var simulation = Worlds.Simulate(world);
        var endMs = new SimulationOptions().EndMs;
        var alerts = Worlds.AlertsOf(world)
            .Where(a => a.Rule == rule && a.Status == AlertStatus.Firing && a.AtMs < endMs).ToList();

        var score = Score.Of(simulation.Truth, scenario, [.. alerts.Select(FindingOf)]);

        Assert.True(
            score.Recall >= recall && (score.Precision ?? 1) >= precision,
            $"{rule}: {score.Recall:P0} of {score.Incidents} incidents found, {score.Precision:P0} of {score.Alerts} " +
            $"alerts right; {string.Join("; ", Wrong(alerts, simulation).Take(5).Select(a => a.Message))}");
        Assert.Contains(scenario, ShippedRules.Result.Plan.Rules.Single(r => r.Id == rule).Tags);
    }

    [Theory]
    [InlineData("fraud")]
    [InlineData("sensors")]
    [InlineData("logins")]
    public void Run_OtherBatchesAndWorkers_GivesTheSameAlertsAndLosesNothing(string world)
    {
        var others = new List<Alert>();
        using var engine = Worlds.Run(world, others.AddRange, rows: 37, workers: 2);

        Assert.Equal(Ids(Worlds.AlertsOf(world)), Ids(others));
        Assert.True(engine.Ledger.Balances);
        Assert.Equal(Worlds.Simulate(world).Events().LongCount(), engine.Ledger.Streams.Sum(s => s.Received));
    }

    [Fact]
    public void Run_OtherOrderOfArrival_GivesTheSameAlerts()
    {
        var inOrder = new List<Alert>();
        Worlds.Run("sensors", inOrder.AddRange, disorder: TimeSpan.Zero).Dispose();

        Assert.Equal(Ids(Worlds.AlertsOf("sensors")), Ids(inOrder));
    }

    private static List<string> Ids(IEnumerable<Alert> alerts) =>
        [.. alerts.Select(a => $"{a.AtMs} {a.Rule} {a.Id} {a.Status}").Order(StringComparer.Ordinal)];

    private static IEnumerable<Alert> Wrong(List<Alert> alerts, Simulation simulation) =>
        alerts.Where(a => !Score.IsRight(FindingOf(a), simulation.Truth));

    private static Finding FindingOf(Alert alert) => new(alert.AtMs, [.. alert.Key.Select(k => k.Value)]);

    private static class Worlds
    {
        private static readonly Dictionary<string, string> Folders =
            new() { ["fraud"] = "fraud", ["sensors"] = "iot", ["logins"] = "security" };

        // Fewer events than by default, so that the tests stay quick; each key sends about as often.
        private static readonly Dictionary<string, SimulationOptions> Sizes = new()
        {
            ["fraud"] = new() { Rate = 15, Keys = 30_000 },
            ["sensors"] = new() { Rate = 30, Keys = 300 },
            ["logins"] = new() { Rate = 8, Keys = 20_000 },
        };

        private static readonly Dictionary<string, List<Alert>> Known = [];

        public static Simulation Simulate(string world, TimeSpan? disorder = null) =>
            Simulation.Create(world, 42, Sizes[world] with { Disorder = disorder });

        public static List<Alert> AlertsOf(string world)
        {
            lock (Known)
            {
                if (Known.TryGetValue(world, out var known))
                    return known;
                var alerts = new List<Alert>();
                Run(world, alerts.AddRange).Dispose();
                return Known[world] = alerts;
            }
        }

        public static Engine Run(
            string world, Action<IReadOnlyList<Alert>> onAlerts,
            int rows = 512, int workers = 1, TimeSpan? disorder = null)
        {
            var plan = ShippedRules.Domain(Folders[world]).Plan;
            var engine = new Engine(plan, new EngineOptions(workers));
            engine.Alerts.Subscribe(onAlerts);
            foreach (var batch in SimulatedBatches.Of(Simulate(world, disorder).Events(), plan.Streams, rows))
                engine.Push(batch);
            engine.Complete();
            return engine;
        }
    }
}
