using System.CommandLine;
using System.Text;
using Cep.Connectors.Formats;
using Cep.Host.Backtesting;
using Cep.Storage;
using Cep.Storage.History;

namespace Cep.Cli.Commands;

/// <summary><c>cep dead-letters</c></summary>
internal static class DeadLettersCommand
{
    private const int PageRows = 500;
    private static readonly Argument<string> File = KeptArguments.File();
    private static readonly Option<bool> Json = KeptArguments.Json("them, one a line,");

    private static readonly Option<string?> Sink = new("--sink")
    {
        Description = "Only alerts that this sink did not take",
        HelpName = "S",
    };

    public static Command Create()
    {
        var list = new ExampleCommand(
            "list", "Print what could not be read, and alerts that could not be delivered.",
            "cep dead-letters list deployment.yaml") { File, Sink, Json };
        list.SetAction(p => List(p.GetValue(File)!, p.GetValue(Sink), p.GetValue(Json)));
        var retry = new ExampleCommand(
            "retry",
            "Try alerts again that could not be delivered: a running deployment does so at once, else the next start.",
            "cep dead-letters retry deployment.yaml --sink ops") { File, Sink, Json };
        retry.SetAction(p => Retry(p.GetValue(File)!, p.GetValue(Sink), p.GetValue(Json)));
        return new Command("dead-letters", "What a deployment could not read or deliver.") { list, retry };
    }

    private static int List(string path, string? sink, bool json)
    {
        using var store = StateFolder.Open(path);
        using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
        var line = new Utf8Buffer();
        if (sink is null)
            foreach (var letter in Pages(store.DeadLetters))
                Print(output, line, json, letter.Json.Span, Text(letter));
        foreach (var delivery in Pages((from, limit) => store.Deliveries(DeliveryState.Dead, from, limit)))
            if (sink is null || delivery.Sink == sink)
                Print(output, line, json, Undelivered(store, delivery), Text(delivery));
        return ExitCode.Done;
    }

    private static int Retry(string path, string? sink, bool json)
    {
        using var store = StateFolder.Open(path);
        var count = store.RetryDead(sink, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        Console.WriteLine(json
            ? $"{{\"retried\":{count}}}"
            : $"{count} alerts will be tried again: at once where the deployment runs, else after its next start");
        return ExitCode.Done;
    }

    /// <summary>All of what comes in pages.</summary>
    private static IEnumerable<T> Pages<T>(Func<long, int, IEnumerable<(long Place, T Item)>> read)
    {
        for (var place = 0L; ;)
        {
            var page = read(place, PageRows).ToList();
            foreach (var (_, item) in page)
                yield return item;
            if (page.Count < PageRows)
                yield break;
            place = page[^1].Place + 1;
        }
    }

    private static string Text(DeadLetter letter) =>
        $"{KeptArguments.Time(letter.KeptMs)} {letter.Kind} {letter.Stream} {letter.Position}: {letter.Reason}";

    private static string Text(Delivery delivery) =>
        $"{KeptArguments.Time(delivery.ChangedMs)} undelivered {delivery.Sink} {delivery.AlertId}: {delivery.Reason}";

    private static byte[] Undelivered(IStoreReader store, Delivery delivery)
    {
        var json = new Utf8Buffer();
        json.Raw("{\"sink\":"u8);
        json.String(delivery.Sink);
        json.Raw(",\"reason\":"u8);
        json.String(delivery.Reason ?? "");
        json.Raw(",\"alert\":"u8);
        if (store.Alert(delivery.AlertId) is { } alert)
            AlertJson.Write(json, AlertCodec.Decode(alert.Body.Span));
        else
            json.Raw("null"u8);
        json.Raw((byte)'}');
        return json.Written.ToArray();
    }

    private static void Print(Stream output, Utf8Buffer line, bool json, ReadOnlySpan<byte> body, string text)
    {
        line.Clear();
        line.Raw(json ? body : Encoding.UTF8.GetBytes(text));
        line.Raw((byte)'\n');
        output.Write(line.Written);
    }
}
