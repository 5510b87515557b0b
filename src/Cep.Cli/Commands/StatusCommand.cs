using System.CommandLine;
using System.Text;
using System.Text.Json;
using Cep.Connectors.Formats;
using Cep.Host.Backtesting;
using Cep.Storage;

namespace Cep.Cli.Commands;

/// <summary><c>cep status</c></summary>
internal static class StatusCommand
{
    private const int PageRows = 1000;
    private const int MostCounted = 100_000;
    private static readonly string[] s_tables = ["streams", "rules", "sources", "sinks"];
    private static readonly Argument<string> File = KeptArguments.File();
    private static readonly Option<bool> Json = KeptArguments.Json("the status");

    public static Command Create()
    {
        var command = new ExampleCommand(
            "status", "Tell how a deployment is doing: ask it where it runs, else look into its state folder.",
            "cep status deployment.yaml") { File, Json };
        command.SetAction(parsed => Run(parsed.GetValue(File)!, parsed.GetValue(Json)));
        return command;
    }

    private static int Run(string path, bool json)
    {
        var status = Ask(path) ?? Look(path);
        if (json)
            Console.WriteLine(status.GetRawText());
        else
            Print(status);
        return ExitCode.Done;
    }

    private static JsonElement? Ask(string path)
    {
        if (Directory.Exists(path))
            return null;
        using var api = DeploymentApi.Of(path);
        return api?.Ask(HttpMethod.Get, "/api/v1/status");
    }

    /// <summary>What the state folder tells.</summary>
    private static JsonElement Look(string path)
    {
        using var store = StateFolder.Open(path);
        var (size, checkpoints) = (store.Size(), store.Checkpoints());
        var nowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var json = new Utf8Buffer();
        AlertJson.Value(json, new Dictionary<string, object?>
        {
            ["running"] = false,
            ["journal"] = new Dictionary<string, object?>
            {
                ["sequence"] = size.LastSequence,
                ["first_sequence"] = size.FirstSequence,
                ["bytes"] = size.Bytes,
                ["checkpoints"] = checkpoints.Count,
                ["checkpoint_age_seconds"] = checkpoints is [var newest, ..] ? (nowMs - newest.KeptMs) / 1000d : null,
            },
            ["sinks"] = Deliveries(store),
        });
        return JsonDocument.Parse(Encoding.UTF8.GetString(json.Written)).RootElement;
    }

    /// <summary>What waits for each sink, and what was given up; of very many not all are counted.</summary>
    private static object?[] Deliveries(IStoreReader store)
    {
        var waiting = Count(store, DeliveryState.Pending);
        var failed = Count(store, DeliveryState.Dead);
        return
        [
            .. waiting.Keys.Union(failed.Keys).Order(StringComparer.Ordinal).Select(sink =>
                new Dictionary<string, object?>
                {
                    ["sink"] = sink,
                    ["waiting"] = waiting.GetValueOrDefault(sink),
                    ["failed"] = failed.GetValueOrDefault(sink),
                }),
        ];
    }

    private static Dictionary<string, long> Count(IStoreReader store, DeliveryState state)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var (place, all) = (0L, 0);
        while (all < MostCounted)
        {
            var page = store.Deliveries(state, place, PageRows).ToList();
            foreach (var (_, delivery) in page)
                counts[delivery.Sink] = counts.GetValueOrDefault(delivery.Sink) + 1;
            all += page.Count;
            if (page.Count < PageRows)
                break;
            place = page[^1].Place + 1;
        }

        return counts;
    }

    private static void Print(JsonElement status)
    {
        Console.WriteLine(status.GetProperty("running").GetBoolean()
            ? $"{status.GetProperty("phase")} since {status.GetProperty("started")}, "
                + $"version {status.GetProperty("version")}"
            : "not running, or without a web listener: this is what the state folder tells");
        if (status.TryGetProperty("trouble", out var trouble) && trouble.ValueKind == JsonValueKind.String)
            Console.WriteLine($"trouble: {trouble}");
        foreach (var table in s_tables)
            if (status.TryGetProperty(table, out var rows))
                foreach (var row in rows.EnumerateArray())
                    Console.WriteLine(Line(row));
        if (status.TryGetProperty("journal", out var journal) && journal.ValueKind == JsonValueKind.Object)
            Console.WriteLine("journal " + Numbers(journal.EnumerateObject()));
        if (status.TryGetProperty("silences", out var silences))
            foreach (var silence in silences.EnumerateArray())
                Console.WriteLine("silence " + SilenceCommand.Line(silence));
    }

    /// <summary>What it is and its name, then its numbers.</summary>
    private static string Line(JsonElement row)
    {
        var members = row.EnumerateObject().ToList();
        return $"{members[0].Name} {members[0].Value}: {Numbers(members.Skip(1))}";
    }

    private static string Numbers(IEnumerable<JsonProperty> members) => string.Join(
        ", ", members.Where(m => m.Value.ValueKind != JsonValueKind.Null)
            .Select(m => $"{m.Name.Replace('_', ' ')} {m.Value}"));
}
