using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Cep.Connectors.Formats;

namespace Cep.Cli.Commands;

/// <summary><c>cep silence</c></summary>
internal static class SilenceCommand
{
    private const string Path = "/api/v1/silences";
    private static readonly Argument<string> File = KeptArguments.File();
    private static readonly Argument<string> Id = new("ID") { Description = "The silence's id" };
    private static readonly Option<bool> Json = KeptArguments.Json("the answer");

    private static readonly Option<string> Match = new("--match")
    {
        Description = "Which alerts: an expression as in routes",
        HelpName = "EXPR",
        Required = true,
    };

    private static readonly Option<string> Why = new("--why")
    {
        Description = "The reason, for others",
        HelpName = "TEXT",
        Required = true,
    };

    private static readonly Option<TimeSpan?> For = new("--for")
    {
        Description = "How long, such as 2h",
        HelpName = "D",
        CustomParser = KeptArguments.Duration,
    };

    private static readonly Option<DateTimeOffset?> Until = new("--until")
    {
        Description = "The end, such as 2027-01-31T08:00:00Z",
        HelpName = "T",
    };

    public static Command Create()
    {
        var add = new ExampleCommand(
            "add", "Don't tell of alerts that match, for a time.",
            "cep silence add --match \"key.device == 'd-17'\" --for 2h --why \"test bench\"")
        {
            File, Match, For, Until, Why, Json,
        };
        add.SetAction(Add);
        var list = new ExampleCommand("list", "Print the silences that have not ended.", "cep silence list")
        {
            File, Json,
        };
        list.SetAction(List);
        var end = new ExampleCommand("end", "End a silence before its time.", "cep silence end 5b1e0c4d2f3a")
        {
            Id, File,
        };
        end.SetAction(parsed =>
        {
            var id = parsed.GetValue(Id)!;
            DeploymentApi.Tell(
                parsed.GetValue(File)!, HttpMethod.Delete, $"{Path}/{Uri.EscapeDataString(id)}");
            Console.WriteLine($"ended {id}");
            return ExitCode.Done;
        });
        return new Command("silence", "Alerts that a running deployment does not tell of.") { add, list, end };
    }

    private static int Add(ParseResult parsed)
    {
        if ((parsed.GetValue(For) is null) == (parsed.GetValue(Until) is null))
            throw new CommandFailure("it takes one of --for, --until");
        var until = parsed.GetValue(Until) ?? (TimeProvider.System.GetUtcNow() + parsed.GetValue(For)!.Value);
        var body = new Utf8Buffer();
        AlertJson.Value(body, new Dictionary<string, object?>
        {
            ["match"] = parsed.GetValue(Match),
            ["until"] = until,
            ["why"] = parsed.GetValue(Why),
        });
        var answer = DeploymentApi.Tell(
            parsed.GetValue(File)!, HttpMethod.Post, Path, Encoding.UTF8.GetString(body.Written));
        Console.WriteLine(parsed.GetValue(Json) ? answer.GetRawText() : answer.GetProperty("id").GetString());
        return ExitCode.Done;
    }

    private static int List(ParseResult parsed)
    {
        var answer = DeploymentApi.Tell(parsed.GetValue(File)!, HttpMethod.Get, Path);
        if (parsed.GetValue(Json))
            Console.WriteLine(answer.GetRawText());
        else
            foreach (var silence in answer.GetProperty("silences").EnumerateArray())
                Console.WriteLine(Line(silence));
        return ExitCode.Done;
    }

    /// <summary>A silence as people read it.</summary>
    public static string Line(JsonElement silence) => string.Create(
        CultureInfo.InvariantCulture,
        $"{silence.GetProperty("id").GetString() ?? "(of the file)"} until {silence.GetProperty("until")} "
        + $"{silence.GetProperty("match")}: {silence.GetProperty("why")}");
}
