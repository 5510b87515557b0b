using System.CommandLine;
using Cep.Alerts;
using Cep.Connectors.Formats;
using Cep.Host.Backtesting;
using Cep.Storage;
using Cep.Storage.History;

namespace Cep.Cli.Commands;

/// <summary><c>cep alerts</c></summary>
internal static class AlertsCommand
{
    private const int PageRows = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    private static readonly Argument<string> File = KeptArguments.File();
    private static readonly Option<TimeSpan?> Last = KeptArguments.Last("alerts raised within the last D");
    private static readonly Option<bool> Json = KeptArguments.Json("the alerts, one a line,");

    private static readonly Option<bool> Follow = new("--follow")
    {
        Description = "Go on with new ones as they come",
    };

    public static Command Create()
    {
        var command = new ExampleCommand(
            "alerts",
            "Print the alerts that a deployment has raised, while it runs or after.",
            "cep alerts deployment.yaml --last 24h --follow")
        {
            File, Last, Follow, Json,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(File)!, KeptArguments.Since(parsed.GetValue(Last)), parsed.GetValue(Follow),
            parsed.GetValue(Json)));
        return command;
    }

    private static int Run(string path, long sinceMs, bool follow, bool json)
    {
        using var store = StateFolder.Open(path);
        using var stop = new CancellationTokenSource();
        using var signals = follow ? RunCommand.OnStop(stop.Cancel) : null;
        using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
        for (var place = 0L; !stop.IsCancellationRequested;)
        {
            var next = Print(store, place, sinceMs, json, output);
            output.Flush();
            if (next == place && !follow)
                break;
            if (next == place)
                stop.Token.WaitHandle.WaitOne(Pause);
            place = next;
        }

        return ExitCode.Done;
    }

    private static long Print(IStoreReader store, long place, long sinceMs, bool json, Stream output)
    {
        var line = new Utf8Buffer();
        foreach (var (at, kept) in store.Alerts(place, PageRows))
        {
            place = at + 1;
            if (kept.KeptMs < sinceMs)
                continue;
            line.Clear();
            Write(line, AlertCodec.Decode(kept.Body.Span), json);
            line.Raw((byte)'\n');
            output.Write(line.Written);
        }

        return place;
    }

    private static void Write(Utf8Buffer to, Alert alert, bool json)
    {
        if (json)
        {
            AlertJson.Write(to, alert);
            return;
        }

        var status = alert.Status == Plans.AlertStatus.Firing ? "" : " (resolved)";
        var shadow = alert.Shadow ? " (shadow)" : "";
        to.Raw(System.Text.Encoding.UTF8.GetBytes(
            $"{KeptArguments.Time(alert.AtMs)} {alert.Severity.ToString().ToLowerInvariant(),-8} "
            + $"{alert.Rule}: {alert.Message}{status}{shadow}"));
    }
}
