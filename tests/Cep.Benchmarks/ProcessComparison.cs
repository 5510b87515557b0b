using Cep.Benchmarks.Data;
using Cep.Benchmarks.Measuring;
using Cep.Benchmarks.Processes;
using Cep.Benchmarks.Workloads;

namespace Cep.Benchmarks;

/// <summary>The published program from start to exit, beside a hand-written one that is also started anew.</summary>
internal sealed class ProcessComparison(Options options, Report report)
{
    private const string TestFile =
        """
        streams:
          s: {time: ts, fields: {ts: timestamp, k: string, x: number}}
        rules:
          - {rule: high, on: s, by: k, when: x > 1}
        tests:
          - name: fires
            given: [{s: {ts: 0s, k: a, x: 2}}]
            expect: [{rule: high, at: 0s, key: a}]
        """;

    public void Run()
    {
        var project = FindCommandLine();
        report.Heading("Whole processes");
        if (project is null)
        {
            report.Line("The command-line program is not part of this checkout: not measured.");
            return;
        }

        var folder = Directory.CreateTempSubdirectory("cep-benchmarks-").FullName;
        try
        {
            Child.Run("dotnet", "publish", project, "-c", "Release", "-o", Path.Combine(folder, "cep"), "-v", "quiet");
            Measure(folder, Path.Combine(folder, "cep", "cep"));
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private void Measure(string folder, string cep)
    {
        string InFolder(string name) => Path.Combine(folder, name);
        PurchaseFile.Write(InFolder("events.ndjson"), PurchaseGenerator.InOrder(options.Events));
        var never = WorkloadTable.Find("W1") with { Yaml = "  - {rule: never, on: purchases, when: amount < 0}" };
        File.WriteAllText(InFolder("E0.yaml"), never.RuleFile);
        File.WriteAllText(InFolder("E1.yaml"), WorkloadTable.Find("W4").RuleFile);
        File.WriteAllText(InFolder("E1v.yaml"), WorkloadTable.Find("W3").RuleFile);
        File.WriteAllText(InFolder("one.yaml"), TestFile);
        File.WriteAllText(InFolder("many.yaml"), RuleComparison.Rules(1_000));

        report.Head("replay", "hand M/s", "ours M/s", "÷ hand", "must", "goal");
        Replay("E0", 0.6, 1.2);
        Replay("E1", 0.5, 1.0);
        Replay("E1v", 0.5, 1.0);
        report.Line("");
        report.Head("start to exit", "s", "must");
        report.Row("cep test, one file", Start(cep, "test", InFolder("one.yaml")), "0.4");
        report.Row("cep check, 1,000 rules", Start(cep, "check", InFolder("many.yaml")), "2");

        void Replay(string name, double must, double goal)
        {
            string[] ours =
            [
                "replay", "--rules", InFolder(name + ".yaml"), "--input", "purchases=" + InFolder("events.ndjson"),
                "--out", InFolder("out.ndjson"),
            ];
            string[] hand = ["read", name, InFolder("events.ndjson")];
            var (byHand, byUs) = InTurns(hand, cep, ours);
            report.Row(
                name, Report.Millions(options.Events / byHand),
                byUs is null ? "–" : Report.Millions(options.Events / byUs.Value),
                byUs is null ? "–" : Report.Number(byHand / byUs.Value), Report.Number(must), Report.Number(goal));
        }
    }

    private (double ByHand, double? ByUs) InTurns(string[] hand, string cep, string[] ours)
    {
        var byHand = new List<double>();
        var byUs = new List<double>();
        for (var i = 0; i < (options.Quick ? 3 : 7); i++)
        {
            byHand.Add(Child.Run(Environment.ProcessPath!, hand).Seconds);
            var (seconds, exitCode, _) = Child.Run(cep, ours);
            if (exitCode != 0)
                return (Meter.Median(byHand), null);
            byUs.Add(seconds);
        }

        return (Meter.Median(byHand), Meter.Median(byUs));
    }

    private static string Start(string cep, params string[] arguments)
    {
        var runs = Enumerable.Range(0, 7).Select(_ => Child.Run(cep, arguments)).ToList();
        return runs.Exists(r => r.ExitCode != 0) ? "fails" : Report.Number(Meter.Median(runs.Select(r => r.Seconds)));
    }

    public static string? FindCommandLine()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var project = Path.Combine(folder.FullName, "src", "Cep.Cli", "Cep.Cli.csproj");
            if (File.Exists(project))
                return project;
        }

        return null;
    }
}
