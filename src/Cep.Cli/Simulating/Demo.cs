using System.Net;
using System.Net.Sockets;
using Cep.Cli.Commands;
using Cep.Connectors.Webhooks;
using Cep.Host.Deployments;
using Cep.Host.Running;
using Cep.Plans;
using Cep.Simulators;

namespace Cep.Cli.Simulating;

/// <summary>
/// Simulated worlds → MQTT (devices) and TCP sources → the shipped rules → a webhook on this machine that prints what
/// arrives.
/// </summary>
internal sealed class Demo(TimeSpan duration, ulong seed)
{
    // an hour of event time in a demo of twenty seconds: incidents are rare, and rules wait for minutes
    private const double TimeLapse = 180;

    public int Run()
    {
        var rules = RuleSet.CompileTexts([RulesFolder()]);
        var plan = rules.Plan;
        using var stop = new CancellationTokenSource();
        using var signals = RunCommand.OnStop(stop.Cancel);
        var secret = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(24));
        using var receiver = new DemoReceiver(secret);
        var ports = plan.Streams.Where(s => !s.Derived).ToDictionary(s => s.Schema.Name, _ => FreePort());
        var deployment = new Deployment
        {
            Rules = [],
            Sources = [.. ports.Select(p => Source(p.Key, p.Value))],
            Sinks = [new WebhookSettings("receiver", new WebhookOptions(receiver.Url) { Secrets = [secret] })],
            DeadLetters = Path.Combine(Path.GetTempPath(), "cep-demo-dead-letters.ndjson"),
        };
        using var running = DeploymentStart.Create(deployment, rules, TimeProvider.System, _ => { });
        Introduce(plan, ports, receiver);
        var serving = receiver.ServeAsync();
        using var ended = new CancellationTokenSource();
        var engine = running.RunAsync(ended.Token);
        Simulate(ports, stop);
        ended.Cancel();
        var summary = engine.GetAwaiter().GetResult();
        receiver.Stop();
        serving.GetAwaiter().GetResult();
        return Conclude(summary, receiver);
    }

    /// <summary>Devices publish straight to the engine; everybody else sends lines.</summary>
    private static SourceSettings Source(string stream, int port) => IsOfDevices(stream)
        ? new MqttListenSettings(stream, "127.0.0.1", port, Users: null)
        : new TcpSettings(stream, Listen: true, "127.0.0.1", port);

    private static string Target(string stream, int port) =>
        IsOfDevices(stream) ? $"mqtt://127.0.0.1:{port}/{stream}" : $"tcp://127.0.0.1:{port}";

    private static bool IsOfDevices(string stream) => stream is "readings" or "machine_states" or "doors" or "badges";

    private static string RulesFolder()
    {
        foreach (var folder in new[] { "rules", Path.Combine(AppContext.BaseDirectory, "rules") })
            if (Directory.Exists(folder))
                return folder;
        throw new CommandFailure(
            "the demo runs the shipped rules, but there is no folder 'rules' here or beside the program");
    }

    private void Introduce(EnginePlan plan, Dictionary<string, int> ports, DemoReceiver receiver)
    {
        Console.WriteLine(
            Output.Bold($"cep demo: {duration.TotalSeconds:0} seconds, {TimeLapse:0} times faster than life"));
        Console.WriteLine(
            $"  worlds     {string.Join(", ", Simulation.Worlds)} (seed {seed}): incidents among ordinary events");
        Console.WriteLine(
            $"  sources    {string.Join(", ", ports.Select(p => $"{p.Key} on {Target(p.Key, p.Value)}"))}");
        Console.WriteLine(
            $"  rules      {plan.Rules.Count} from {RulesFolder()}/: read one beside its alerts, edit it, run again");
        Console.WriteLine($"  webhook    {receiver.Url}: signed CloudEvents; each line below is one that arrived");
        Console.WriteLine();
    }

    private void Simulate(Dictionary<string, int> ports, CancellationTokenSource stop)
    {
        stop.CancelAfter(duration);
        var clock = new LapsedTime(TimeProvider.System, TimeLapse);
        var worlds = Simulation.Worlds.Select(world => Task.Run(() =>
        {
            var options = new SimulationOptions
            {
                StartMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()
                    - (long)(duration * TimeLapse).TotalMilliseconds,
                Duration = duration * TimeLapse,
            };
            using var targets = new SimulationTargets(world, ports.Select(p => $"{p.Key}={Target(p.Key, p.Value)}"));
            Simulator.Run(Simulation.Create(world, seed, options), targets, clock, stop.Token);
        })).ToArray();
        Task.WaitAll(worlds);
    }

    private static int Conclude(DeploymentSummary summary, DemoReceiver receiver)
    {
        var late = summary.Ledger.Streams.Sum(s => s.Late);
        Console.WriteLine();
        var counts = $"{summary.Events:N0} events, {summary.Alerts:N0} alerts, {receiver.Received:N0} at the webhook";
        Console.WriteLine(Output.Bold(counts));
        Console.WriteLine(
            $"  rejected {summary.Rejected}, late {late}, undelivered {summary.Undelivered}, forged {receiver.Forged}");
        var ledger = summary.Ledger.Balances
            ? Output.Green("every event is accounted for")
            : Output.Red("does not balance");
        Console.WriteLine($"  ledger   {ledger}");
        var sound = summary.Ledger.Balances && receiver.Forged == 0 && summary.Undelivered == 0;
        return sound ? ExitCode.Done : ExitCode.FoundWrong;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
