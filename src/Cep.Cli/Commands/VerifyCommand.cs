using System.CommandLine;
using System.Text;
using Cep.Alerts;
using Cep.Connectors.Formats;
using Cep.Host.Backtesting;

namespace Cep.Cli.Commands;

/// <summary><c>cep verify</c></summary>
internal static class VerifyCommand
{
    private const int Shown = 20;
    private static readonly Argument<string> File = KeptArguments.File();
    private static readonly Option<TimeSpan?> Last = KeptArguments.Last("what was kept within the last D");
    private static readonly Option<bool> Json = KeptArguments.Json("the result");

    public static Command Create()
    {
        var command = new ExampleCommand(
            "verify",
            "Replay the journal of a deployment with the rules that ran: the alerts must be those that it raised.",
            "cep verify deployment.yaml --last 24h")
        {
            File, Last, Json,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(File)!, KeptArguments.Since(parsed.GetValue(Last)), parsed.GetValue(Json)));
        return command;
    }

    private static int Run(string path, long sinceMs, bool json)
    {
        using var store = StateFolder.Open(path);
        var result = new Verification(store, Output.Warning).Run(sinceMs, workers: 1);
        if (json)
            WriteJson(result);
        else
            Write(result);
        return result.Differences.Count > 0 ? ExitCode.FoundWrong : ExitCode.Done;
    }

    private static void Write(VerificationResult result)
    {
        foreach (var difference in result.Differences.Take(Shown))
        {
            Console.WriteLine($"alert {difference.Id}");
            Console.WriteLine($"  kept     {Text(difference.Kept)}");
            Console.WriteLine($"  replayed {Text(difference.Replayed)}");
        }

        if (result.Differences.Count > Shown)
            Console.WriteLine($"and {result.Differences.Count - Shown} more");
        Console.WriteLine(
            $"records {result.FromSequence} to {result.ToSequence}: {result.Same} alerts the same, "
            + $"{result.Differences.Count} different");
    }

    private static void WriteJson(VerificationResult result)
    {
        var buffer = new Utf8Buffer();
        buffer.Raw(Encoding.UTF8.GetBytes(
            $"{{\"from\":{result.FromSequence},\"to\":{result.ToSequence},\"records\":{result.Records},"
            + $"\"same\":{result.Same},\"differences\":["));
        for (var i = 0; i < result.Differences.Count; i++)
        {
            var difference = result.Differences[i];
            buffer.Raw(i == 0 ? "{\"id\":"u8 : ",{\"id\":"u8);
            buffer.String(difference.Id);
            buffer.Raw(",\"kept\":"u8);
            buffer.Raw(Encoding.UTF8.GetBytes(Text(difference.Kept)));
            buffer.Raw(",\"replayed\":"u8);
            buffer.Raw(Encoding.UTF8.GetBytes(Text(difference.Replayed)));
            buffer.Raw((byte)'}');
        }

        buffer.Raw("]}\n"u8);
        using var output = Console.OpenStandardOutput();
        output.Write(buffer.Written);
    }

    private static string Text(Alert? alert)
    {
        if (alert is null)
            return "null";
        var json = new Utf8Buffer();
        AlertJson.Write(json, alert);
        return Encoding.UTF8.GetString(json.Written);
    }
}
