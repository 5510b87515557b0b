using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Cep.Benchmarks.Processes;

namespace Cep.Benchmarks;

/// <summary>
/// The program live, with its journal: how long an event takes from being sent over TCP to its alert at a webhook, and
/// what becomes of a sender that is faster than the program.
/// </summary>
internal sealed class LiveComparison(Options options, Report report)
{
    private const int PerSecond = 20_000;

    /// <summary>Code is still being compiled, and is not counted.</summary>
    private const int WarmUpSeconds = 3;

    public void Run()
    {
        report.Heading("Live, with a journal");
        report.Head("what", "measured", "must", "goal");
        if (ProcessComparison.FindCommandLine() is not { } project)
        {
            report.Line("The command-line program is not part of this checkout: not measured.");
            return;
        }

        var folder = Directory.CreateTempSubdirectory("cep-live-").FullName;
        try
        {
            Child.Run("dotnet", "publish", project, "-c", "Release", "-o", Path.Combine(folder, "cep"), "-v", "quiet");
            Latency(folder);
            Overload(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>20,000 events/s in parts of 2 ms; one in 200 raises an alert.</summary>
    private void Latency(string folder)
    {
        var seconds = WarmUpSeconds + (options.Quick ? 5 : 20);
        using var receiver = new HttpListener();
        var (port, hook) = (FreePort(), $"http://127.0.0.1:{FreePort()}/");
        receiver.Prefixes.Add(hook);
        receiver.Start();
        var arrived = new ConcurrentDictionary<int, long>();
        _ = ReceiveAsync(receiver, arrived);
        using var cep = Start(folder, "latency", port, hook);
        using var client = Connect(port);
        var sent = Send(client.GetStream(), seconds);
        for (var left = 200; arrived.Count < sent.Count && left > 0; left--)
            Thread.Sleep(25);
        Stop(cep);
        var waits = sent.Where(s => arrived.ContainsKey(s.Key) && s.Key >= WarmUpSeconds * PerSecond)
            .Select(s => Stopwatch.GetElapsedTime(s.Value, arrived[s.Key]).TotalMilliseconds).Order().ToList();
        var (median, p99) = (waits[waits.Count / 2], waits[waits.Count * 99 / 100]);
        report.Row(
            $"event to webhook at {PerSecond:N0} events/s: median, p99 ms ({arrived.Count} of {sent.Count} came)",
            $"{Report.Number(median, "0.0")}, {Report.Number(p99, "0.0")}", "p99 20", "5");
    }

    /// <summary>A sender that never waits: it is slowed down, and memory stays bounded.</summary>
    private void Overload(string folder)
    {
        var seconds = options.Quick ? 10 : 60;
        var port = FreePort();
        using var cep = Start(folder, "overload", port, null);
        using var client = Connect(port);
        var stream = client.GetStream();
        var part = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 2000).Select(i => Line(i, i % 100))));
        var watch = Stopwatch.StartNew();
        long lines = 0;
        long peak = 0;
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            stream.Write(part);
            lines += 2000;
            if (lines % 200_000 == 0)
                peak = Math.Max(peak, MemoryMb(cep));
        }

        client.Close();
        report.Row(
            $"as fast as a sender can for {seconds} s: M events/s taken, peak MB",
            $"{Report.Millions(lines / watch.Elapsed.TotalSeconds)}, {peak}", "–", "–");
        Stop(cep);
    }

    private static Dictionary<int, long> Send(NetworkStream stream, int seconds)
    {
        var sent = new Dictionary<int, long>();
        var watch = Stopwatch.StartNew();
        var text = new StringBuilder();
        for (var i = 0; i < seconds * PerSecond;)
        {
            text.Clear();
            var due = (int)(watch.Elapsed.TotalSeconds * PerSecond);
            var alerts = new List<int>();
            for (; i < due; i++)
            {
                text.Append(Line(i, i % 200 == 0 ? 1000 : 1));
                if (i % 200 == 0)
                    alerts.Add(i);
            }

            var now = Stopwatch.GetTimestamp();
            foreach (var alert in alerts)
                sent[alert] = now;
            stream.Write(Encoding.UTF8.GetBytes(text.ToString()));
            Thread.Sleep(2);
        }

        return sent;
    }

    private static string Line(int id, int amount) => string.Create(
        CultureInfo.InvariantCulture, $"{{\"ts\":{1_700_000_000_000 + id},\"id\":\"e{id}\",\"amount\":{amount}}}\n");

    private static async Task ReceiveAsync(HttpListener receiver, ConcurrentDictionary<int, long> arrived)
    {
        while (receiver.IsListening)
        {
            var context = await receiver.GetContextAsync();
            using var json = await JsonDocument.ParseAsync(context.Request.InputStream);
            var id = json.RootElement.GetProperty("data").GetProperty("message").GetString()!;
            arrived.TryAdd(int.Parse(id.AsSpan(1), CultureInfo.InvariantCulture), Stopwatch.GetTimestamp());
            context.Response.StatusCode = 204;
            context.Response.Close();
        }
    }

    private static Process Start(string folder, string name, int port, string? hook)
    {
        File.WriteAllText(
            Path.Combine(folder, $"{name}.rules.yaml"),
            """
            streams:
              s: {time: ts, fields: {ts: timestamp, id: string, amount: number}}
            rules:
              - {rule: large, on: s, when: amount > 500, alert: {message: "{id}"}}
              - {rule: many, on: s, by: amount, when: count() over 1h > 1000000000}

            """);
        var sink = hook is null ? "file: {path: alerts.ndjson}" : $"webhook: {{url: \"{hook}\"}}";
        var deployment = Path.Combine(folder, $"{name}.yaml");
        File.WriteAllText(
            deployment,
            $"engine: {{state: {name}.state}}\nrules: [{name}.rules.yaml]\n"
            + $"sources:\n  - {{stream: s, tcp: {{listen: \"127.0.0.1:{port}\"}} }}\nsinks:\n  out:\n    {sink}\n");
        return Process.Start(new ProcessStartInfo(Path.Combine(folder, "cep", "cep"), ["run", deployment])
        {
            RedirectStandardError = true,
        })!;
    }

    private static void Stop(Process cep)
    {
        Process.Start("kill", ["-TERM", $"{cep.Id}"]).WaitForExit();
        cep.WaitForExit(20_000);
    }

    private static TcpClient Connect(int port)
    {
        for (var left = 200; ; left--)
        {
            var client = new TcpClient { NoDelay = true };
            try
            {
                client.Connect(IPAddress.Loopback, port);
                return client;
            }
            catch (SocketException) when (left > 0)
            {
                client.Dispose();
                Thread.Sleep(50);
            }
        }
    }

    private static long MemoryMb(Process process)
    {
        process.Refresh();
        return process.WorkingSet64 >> 20;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
