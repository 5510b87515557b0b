using System.CommandLine;
using System.Globalization;
using Cep.Cli.Simulating;
using Cep.Connectors.Formats;
using Cep.Plans;
using Cep.Simulators;

namespace Cep.Cli.Commands;

/// <summary><c>cep evaluate</c></summary>
internal static class EvaluateCommand
{
    private static readonly Argument<string?> World = new("WORLD")
    {
        Description = $"{string.Join(", ", Simulation.Worlds)} (default: all of them)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string[]> Rules = new("--rules")
    {
        Description = "Rule files, folders of them, or patterns (default: the shipped rules)",
        HelpName = "PATH…",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "The same seed gives the same events",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "How long, in event time",
        DefaultValueFactory = _ => 3600,
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print the numbers as JSON" };

    public static Command Create()
    {
        var command = new ExampleCommand(
            "evaluate",
            "Run rules over simulated worlds and compare their alerts with what really happened.",
            "cep evaluate fraud --rules rules/fraud --seed 7")
        {
            World, Rules, Seed, Seconds, Json,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var named = parsed.GetValue(World);
        if (named is not null && !Simulation.Worlds.Contains(named))
            throw new CommandFailure($"There is no world '{named}'; there are {string.Join(", ", Simulation.Worlds)}.");
        var seconds = parsed.GetValue(Seconds);
        if (!(seconds > 0 && seconds < 1e9))
            throw new CommandFailure("--seconds takes a positive number");
        var options = new SimulationOptions { Duration = TimeSpan.FromSeconds(seconds) };
        var paths = parsed.GetValue(Rules) is { Length: > 0 } given ? given : [ShippedRules()];
        var plan = RuleSet.Compile(paths).Plan;
        var scores = new List<(string World, RulePlan Rule, Score Score)>();
        foreach (var world in named is null ? Simulation.Worlds : [named])
            scores.AddRange(Evaluation.Run(plan, world, parsed.GetValue(Seed), options)
                .Select(s => (world, s.Rule, s.Score)));
        if (scores.Count == 0)
            throw new CommandFailure($"no rule reads the streams of {named ?? "a world"} alone");
        if (parsed.GetValue(Json))
            WriteJson(scores);
        else
            WriteTable(scores);
        return ExitCode.Done;
    }

    private static string ShippedRules()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "rules");
        return Directory.Exists(folder)
            ? folder
            : throw new CommandFailure("there is no folder 'rules' beside the program: --rules PATH names some");
    }

    private static void WriteTable(List<(string World, RulePlan Rule, Score Score)> scores)
    {
        string[] head = ["world", "rule", "scenario", "incidents", "found", "recall", "alerts", "right", "precision"];
        string[][] rows = [head, .. scores.Select(s => Row(s.World, s.Rule, s.Score))];
        var widths = head.Select((_, column) => rows.Max(r => r[column].Length)).ToArray();
        for (var i = 0; i < rows.Length; i++)
        {
            var cells = rows[i].Select((cell, c) => c < 3 ? cell.PadRight(widths[c]) : cell.PadLeft(widths[c]));
            var line = string.Join("  ", cells);
            Console.WriteLine(i == 0 ? Output.Bold(line) : line);
        }
    }

    private static string[] Row(string world, RulePlan rule, Score score)
    {
        var isFor = score.Scenario is not null;
        return
        [
            world, rule.Id, score.Scenario ?? "-", isFor ? Text(score.Incidents) : "-", isFor ? Text(score.Found) : "-",
            Share(score.Recall), Text(score.Alerts), Text(score.Right), isFor ? Share(score.Precision) : "-",
        ];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Share(double? share) =>
        share is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.0} %");

    private static void WriteJson(IEnumerable<(string World, RulePlan Rule, Score Score)> scores)
    {
        var buffer = new Utf8Buffer();
        AlertJson.Value(buffer, scores.Select(s => new Dictionary<string, object?>
        {
            ["world"] = s.World,
            ["rule"] = s.Rule.Id,
            ["scenario"] = s.Score.Scenario,
            ["incidents"] = s.Score.Scenario is null ? null : (long)s.Score.Incidents,
            ["found"] = s.Score.Scenario is null ? null : (long)s.Score.Found,
            ["recall"] = s.Score.Recall,
            ["alerts"] = (long)s.Score.Alerts,
            ["right"] = (long)s.Score.Right,
            ["precision"] = s.Score.Scenario is null ? null : s.Score.Precision,
        }));
        buffer.Raw((byte)'\n');
        using var output = Console.OpenStandardOutput();
        output.Write(buffer.Written);
    }
}
