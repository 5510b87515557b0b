using System.CommandLine;
using System.Globalization;
using Cep.Cli.Simulating;
using Cep.Simulators;

namespace Cep.Cli.Commands;

/// <summary><c>cep simulate</c></summary>
internal static class SimulateCommand
{
    private static readonly Argument<string> World = new("WORLD")
    {
        Description = string.Join(", ", Simulation.Worlds),
    };

    private static readonly Option<double?> Rate = new("--rate")
    {
        Description = "Events in a second of event time (default: the world's)",
    };

    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "How long, in event time",
        DefaultValueFactory = _ => 3600,
    };

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "The same seed gives the same events",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string?> Start = new("--start")
    {
        Description = "When the simulated time begins: ISO 8601, or now (default: an ordinary Monday in 2026)",
        HelpName = "T",
    };

    private static readonly Option<string[]> To = new("--to")
    {
        Description =
            "Where events go: a FILE, -, tcp://HOST:PORT or mqtt://HOST:PORT/TOPIC (in real time); STREAM=… for the "
            + "world's further streams",
        HelpName = "[STREAM=]TARGET…",
        AllowMultipleArgumentsPerToken = true,
        Required = true,
    };

    private static readonly Option<string?> TruthFile = new("--truth")
    {
        Description = "The file for what really happened, as NDJSON",
        HelpName = "FILE",
    };

    public static Command Create()
    {
        var command = new ExampleCommand(
            "simulate",
            "Make the events of a simulated world whose truth is known.",
            "cep simulate fraud --seconds 600 --seed 7 --to payments.ndjson --truth truth.ndjson")
        {
            World, Rate, Seconds, Seed, Start, To, TruthFile,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        using var stop = new CancellationTokenSource();
        using var signals = RunCommand.OnStop(stop.Cancel);
        var simulation = Create(parsed);
        if (parsed.GetValue(TruthFile) is { } truth)
            TruthJson.WriteFile(truth, simulation.Truth);
        using var targets = new SimulationTargets(parsed.GetValue(World)!, parsed.GetValue(To)!);
        var sent = Simulator.Run(simulation, targets, TimeProvider.System, stop.Token);
        foreach (var (stream, count) in sent.OrderBy(s => s.Key, StringComparer.Ordinal))
            Console.Error.WriteLine(
                $"{count} {stream}{(targets.Takes(stream) ? "" : $" left out: --to {stream}=TARGET takes them")}");
        return ExitCode.Done;
    }

    private static Simulation Create(ParseResult parsed)
    {
        var seconds = parsed.GetValue(Seconds);
        if (!(seconds > 0 && seconds < 1e9))
            throw new CommandFailure("--seconds takes a positive number");
        var options = new SimulationOptions { Rate = parsed.GetValue(Rate), Duration = TimeSpan.FromSeconds(seconds) };
        if (parsed.GetValue(Start) is { } start)
            options = options with { StartMs = StartMs(start) };
        try
        {
            return Simulation.Create(parsed.GetValue(World)!, parsed.GetValue(Seed), options);
        }
        catch (ArgumentException e)
        {
            throw new CommandFailure(e.Message.Split(" (Parameter", 2)[0]);
        }
    }

    private static long StartMs(string text)
    {
        if (text == "now")
            return TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUnixTimeMilliseconds()
            : throw new CommandFailure($"--start takes now or a time such as 2026-01-31T12:00:00Z, not '{text}'");
    }
}
