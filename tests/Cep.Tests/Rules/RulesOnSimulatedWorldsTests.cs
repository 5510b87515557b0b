using Cep.Plans;
using Cep.Alerts;
using Cep.Simulators;
using Xunit;

namespace Cep.Tests.Rules;

/// <summary>That the shipped rules find what really happens in the simulated worlds, and not much else.</summary>
public sealed class RulesOnSimulatedWorldsTests
{
    /// <summary>An alert may come this much later than the last event of an incident: windows have to close.</summary>
    private const long SlackMs = 6 * 60_000;

    /// <summary>With the world, everything falls silent: no fault of the rules.</summary>
    private const long EndMs = SimulationOptions.DefaultStartMs + 3_600_000;

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
        var alerts = Worlds.AlertsOf(world)
            .Where(a => a.Rule == rule && a.Status == AlertStatus.Firing && a.AtMs < EndMs).ToList();
        var incidents = simulation.Truth.Where(t => t.Scenario == scenario).ToList();

        var found = incidents.Count(t => alerts.Exists(a => Fits(a, t))) / (double)incidents.Count;
        var wrong = alerts.Where(a => !simulation.Truth.Any(t => Fits(a, t))).ToList();
        var right = 1 - wrong.Count / (double)Math.Max(1, alerts.Count);

        Assert.True(
            found >= recall && right >= precision,
            $"{rule}: {found:P0} of {incidents.Count} incidents found, {right:P0} of {alerts.Count} alerts right; " +
            string.Join("; ", wrong.Take(5).Select(a => a.Message)));
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

    private static bool Fits(Alert alert, Truth incident) =>
        alert.Key.Any(k => Equals(k.Value, incident.Key))
        && alert.AtMs >= incident.FromMs && alert.AtMs <= incident.ToMs + SlackMs;

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
