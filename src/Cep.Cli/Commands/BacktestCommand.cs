using System.CommandLine;
using System.Diagnostics;
using Cep.Connectors.Formats;
using Cep.Host.Backtesting;
using Cep.Host.Keeping;

namespace Cep.Cli.Commands;

/// <summary><c>cep backtest</c></summary>
internal static class BacktestCommand
{
    private const int ShownForEach = 10;

    private static readonly Option<string[]> Rules = RuleSet.Option();

    private static readonly Option<string[]> Against = new("--against")
    {
        Description = "The rules to compare with; default: those that the deployment ran",
        HelpName = "PATH…",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<long?> From = TimeOption("--from", "Only events from this time on (ISO 8601)");
    private static readonly Option<long?> To = TimeOption("--to", "Only events before this time (ISO 8601)");

    private static readonly Option<TimeSpan?> WarmUp = new("--warm-up")
    {
        Description = "Let the rules see the events of so much time before, without alerts; default: none",
        HelpName = "D",
        CustomParser = KeptArguments.Duration,
    };

    private static readonly Option<string> State = new("--state")
    {
        Description = "The deployment file, or its state folder",
        HelpName = "DIR|FILE",
        DefaultValueFactory = _ => "deployment.yaml",
    };

    private static readonly Option<bool> Json = KeptArguments.Json("the result");

    public static Command Create()
    {
        var command = new ExampleCommand(
            "backtest",
            "Run other rules over the journal of a deployment: what would fire, and what no longer.",
            "cep backtest --rules new/ --from 2026-01-01 --to 2026-02-01 --state deployment.yaml")
        {
            Rules, Against, From, To, WarmUp, State, Json,
        };
        command.SetAction(Run);
        return command;
    }

    private static Option<long?> TimeOption(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "T",
        CustomParser = ReplayCommand.ParseTime,
    };

    private static int Run(ParseResult parsed)
    {
        var path = parsed.GetValue(State)!;
        var rules = RuleSet.CompileTexts(parsed.GetValue(Rules)!);
        var against = parsed.GetValue(Against) is { Length: > 0 } paths
            ? RuleSet.CompileTexts(paths)
            : RulesThatRan(path);
        var options = new BacktestOptions(
            parsed.GetValue(From) ?? long.MinValue, parsed.GetValue(To) ?? long.MaxValue,
            (long)(parsed.GetValue(WarmUp) ?? TimeSpan.Zero).TotalMilliseconds);
        var clock = Stopwatch.StartNew();
        var comparison = Comparison.Run(
            () => StateFolder.Open(path), rules, against, options,
            d => Output.Warning($"record {d.Sequence} of the journal is left out: {d.Reason}"));
        if (parsed.GetValue(Json))
            WriteJson(comparison, clock.Elapsed);
        else
            Write(comparison, clock.Elapsed);
        return ExitCode.Done;
    }

    private static RuleTexts RulesThatRan(string path)
    {
        using var store = StateFolder.Open(path);
        return Comparison.RulesThatRan(store)
            ?? throw new CommandFailure("the rules that ran can't be compiled by this program; name others: --against");
    }

    private static void Write(Comparison comparison, TimeSpan elapsed)
    {
        var (fresh, gone, both) = (comparison.New, comparison.Gone, comparison.Both);
        foreach (var rule in Named(comparison))
        {
            ComparedAlert[] more = [.. fresh.Where(a => a.Rule == rule)];
            ComparedAlert[] less = [.. gone.Where(a => a.Rule == rule)];
            Console.WriteLine(
                $"{Output.Bold(rule)}: {both.GetValueOrDefault(rule)} in both, {more.Length} new, {less.Length} gone");
            Show("+", more);
            Show("-", less);
        }

        Console.WriteLine(
            $"{comparison.Events:N0} events in {elapsed.TotalSeconds:0.0} s: {both.Values.Sum()} alerts in both, "
            + $"{fresh.Count} new, {gone.Count} gone");
    }

    private static IEnumerable<string> Named(Comparison comparison) => comparison.Both.Keys
        .Concat(comparison.New.Select(a => a.Rule)).Concat(comparison.Gone.Select(a => a.Rule))
        .Distinct().Order(StringComparer.Ordinal);

    private static void Show(string sign, ComparedAlert[] alerts)
    {
        foreach (var alert in alerts.Take(ShownForEach))
            Console.WriteLine($"  {sign} {KeptArguments.Time(alert.AtMs)} {alert.Key} {alert.Message}");
        if (alerts.Length > ShownForEach)
            Console.WriteLine($"  {sign} … {alerts.Length - ShownForEach} more (--json tells them all)");
    }

    private static void WriteJson(Comparison comparison, TimeSpan elapsed)
    {
        var buffer = new Utf8Buffer();
        AlertJson.Value(buffer, new Dictionary<string, object?>
        {
            ["events"] = comparison.Events,
            ["seconds"] = Math.Round(elapsed.TotalSeconds, 3),
            ["rules"] = Named(comparison).ToDictionary(r => r, r => (object?)new Dictionary<string, object?>
            {
                ["both"] = comparison.Both.GetValueOrDefault(r),
                ["new"] = comparison.New.Count(a => a.Rule == r),
                ["gone"] = comparison.Gone.Count(a => a.Rule == r),
            }),
            ["new"] = comparison.New.Select(Shown),
            ["gone"] = comparison.Gone.Select(Shown),
        });
        buffer.Raw((byte)'\n');
        using var output = Console.OpenStandardOutput();
        output.Write(buffer.Written);
    }

    private static Dictionary<string, object?> Shown(ComparedAlert alert) => new()
    {
        ["id"] = alert.Id,
        ["rule"] = alert.Rule,
        ["at"] = DateTimeOffset.FromUnixTimeMilliseconds(alert.AtMs),
        ["key"] = alert.Key,
        ["message"] = alert.Message,
    };
}
