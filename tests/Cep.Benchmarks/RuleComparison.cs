using System.Diagnostics;
using System.Text;
using Cep.Benchmarks.Measuring;
using Cep.Benchmarks.Ours;
using Cep.Benchmarks.Workloads;

namespace Cep.Benchmarks;

/// <summary>How long rules take from text to an engine that is ready for events.</summary>
internal sealed class RuleComparison(Options options, Report report)
{
    public void Run()
    {
        report.Heading("Loading rules, text to engine, in this process once warm");
        report.Head("rules", "ms", "ms a rule", "must");
        Measure(1, "5 ms");
        Measure(1_000, "2 s");
        if (!options.Quick)
            Measure(10_000, "");
    }

    /// <summary>Rules of all kinds, none like the other.</summary>
    public static string Rules(int count)
    {
        var yaml = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            var detector = (i % 4) switch
            {
                0 => $"when: amount > {i} and country != 'US'",
                1 => $"when: count() over {i + 1}s >= 5",
                2 => $"window: tumbling {i + 1}s\n    select: {{total: sum(amount)}}\n    when: total > {i}",
                _ => $"silent: {i + 1}s",
            };
            yaml.Append($"  - rule: r{i}\n    on: purchases\n    by: card\n    {detector}\n")
                .Append("    alert: {message: \"{card} did it again\"}\n");
        }

        return (WorkloadTable.All[0] with { Yaml = yaml.ToString() }).RuleFile;
    }

    private void Measure(int count, string must)
    {
        var text = Rules(count);
        if (RuleText.Compile(text) is null)
        {
            report.Row($"{count:N0}", "–", "–", must);
            return;
        }

        var times = new List<double>();
        for (var i = 0; i < (count < 1000 ? 50 : 3); i++)
        {
            var watch = Stopwatch.StartNew();
            using var engine = new Engine(RuleText.Compile(text)!);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        var median = Meter.Median(times);
        report.Row($"{count:N0}", Report.Number(median, "0.0"), Report.Number(median / count, "0.000"), must);
    }
}
