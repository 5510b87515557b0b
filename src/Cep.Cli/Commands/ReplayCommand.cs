using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using Cep.Host.Replaying;
using Cep.Plans;

namespace Cep.Cli.Commands;

/// <summary><c>cep replay</c></summary>
internal static class ReplayCommand
{
    private const int ShownRejections = 5;

    private static readonly Option<string[]> Rules = RuleSet.Option();

    private static readonly Option<string[]> Inputs = InputOption();

    private static readonly Option<string?> Out = new("--out")
    {
        Description = "The file for the alerts (default: standard output)",
        HelpName = "FILE",
    };

    private static readonly Option<double?> Speed = new("--speed")
    {
        Description = "max, or how much faster than the events' own time: 1x, 10x",
        HelpName = "max|1x|10x",
        CustomParser = ParseSpeed,
    };

    private static readonly Option<long?> Until = new("--until")
    {
        Description = "Stop the clock at this time (ISO 8601); events from then on are left out",
        HelpName = "T",
        CustomParser = ParseTime,
    };

    private static readonly Option<bool> Stats = new("--stats")
    {
        Description = "Print a summary as JSON to standard error",
    };

    private static readonly Option<bool> Strict = new("--strict")
    {
        Description = "Exit with 1 if an event was rejected",
    };

    private static readonly Option<int> Workers = new("--workers")
    {
        Description = "Partitions of keys that run side by side",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string?> DeadLetters = new("--dead-letters")
    {
        Description = "The file for rejected events, as NDJSON",
        HelpName = "FILE",
    };

    public static Command Create()
    {
        var command = new ExampleCommand(
            "replay",
            "Run rules over recorded events; the alerts are NDJSON, sorted by (at, rule, key, id).",
            "cep replay --rules rules/fraud --input payments=payments.ndjson.gz --stats")
        {
            Rules, Inputs, Out, Speed, Until, Stats, Strict, Workers, DeadLetters,
        };
        command.SetAction(Run);
        return command;
    }

    /// <summary>The <c>--input</c> option.</summary>
    public static Option<string[]> InputOption() => new("--input")
    {
        Description = "Recorded events of a stream: NDJSON or CSV, .gz too, - for standard input",
        HelpName = "STREAM=FILE…",
        AllowMultipleArgumentsPerToken = true,
        Required = true,
    };

    private static int Run(ParseResult parsed)
    {
        var workers = parsed.GetValue(Workers);
        if (workers is < 1 or > 64)
            throw new CommandFailure("--workers takes a number from 1 to 64");
        var plan = RuleSet.Compile(parsed.GetValue(Rules)!).Plan;
        var inputs = parsed.GetValue(Inputs)!.Select(i => ParseInput(i, plan)).ToArray();
        var options = new ReplayOptions(
            inputs, parsed.GetValue(Speed) ?? 0, parsed.GetValue(Until) ?? long.MaxValue, workers);
        var replay = new Replay(plan, options, TimeProvider.System);
        using var rejections = new RejectionLog(parsed.GetValue(DeadLetters), ShownRejections);
        using var progress = new ProgressLine();
        replay.OnRejected = rejections.Add;
        if (progress.IsShown)
            replay.OnProgress = progress.Show;
        using var output = OpenOutput(parsed.GetValue(Out));
        var summary = replay.Run(output);
        output.Flush();
        progress.Dispose();
        rejections.Finish();
        if (parsed.GetValue(Stats))
            Console.Error.WriteLine(Encoding.UTF8.GetString(StatsJson.Write(summary).Written));
        return parsed.GetValue(Strict) && summary.Rejected > 0 ? ExitCode.FoundWrong : ExitCode.Done;
    }

    private static Stream OpenOutput(string? path) => path is null or "-"
        ? new BufferedStream(Console.OpenStandardOutput(), 1 << 16)
        : new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);

    public static ReplayInput ParseInput(string text, EnginePlan plan)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw new CommandFailure($"--input takes STREAM=FILE, not '{text}'");
        var stream = text[..equals];
        var known = plan.Streams.Where(s => !s.Derived).Select(s => s.Schema.Name).ToArray();
        if (!known.Contains(stream))
            throw new CommandFailure($"the rules declare no stream '{stream}'; there are {string.Join(", ", known)}");
        return new ReplayInput(stream, text[(equals + 1)..]);
    }

    private static double? ParseSpeed(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (text == "max")
            return 0;
        if (double.TryParse(text.TrimEnd('x'), NumberStyles.Float, CultureInfo.InvariantCulture, out var speed)
            && speed > 0 && double.IsFinite(speed))
            return speed;
        result.AddError($"--speed takes max, or a factor such as 1x or 10x; not '{text}'");
        return 0;
    }

    public static long? ParseTime(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ms))
            return ms;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time.ToUnixTimeMilliseconds();
        var option = (result.Parent as OptionResult)?.Option.Name;
        result.AddError($"{option} takes a time such as 2026-01-31T12:00:00Z, not '{text}'");
        return 0;
    }
}
