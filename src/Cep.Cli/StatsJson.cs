using System.Diagnostics;
using Cep.Connectors.Formats;
using Cep.Host.Replaying;

namespace Cep.Cli;

/// <summary>The summary of <c>--stats</c>.</summary>
internal static class StatsJson
{
    public static Utf8Buffer Write(ReplaySummary summary)
    {
        var seconds = summary.Elapsed.TotalSeconds;
        var buffer = new Utf8Buffer();
        AlertJson.Value(buffer, new Dictionary<string, object?>
        {
            ["events"] = summary.Events,
            ["rejected"] = summary.Rejected,
            ["late"] = summary.Late,
            ["alerts"] = summary.Alerts.OrderBy(a => a.Key, StringComparer.Ordinal)
                .ToDictionary(a => a.Key, a => (object?)a.Value),
            ["seconds"] = Math.Round(seconds, 3),
            ["events_per_second"] = Math.Round(summary.Events / Math.Max(seconds, 1e-6)),
            ["peak_memory_bytes"] = Process.GetCurrentProcess().PeakWorkingSet64,
            ["ledger"] = LedgerOf(summary.Ledger),
        });
        return buffer;
    }

    private static Dictionary<string, object?> LedgerOf(Ledger ledger) => new()
    {
        ["streams"] = ledger.Streams.ToDictionary(s => s.Stream, s => (object?)new Dictionary<string, object?>
        {
            ["received"] = s.Received,
            ["processed"] = s.Processed,
            ["late"] = s.Late,
            ["ahead"] = s.Ahead,
            ["duplicate"] = s.Duplicate,
            ["rejected"] = s.Rejected,
            ["shed"] = s.Shed,
        }),
        ["rules"] = ledger.Rules.ToDictionary(r => r.Rule, r => (object?)new Dictionary<string, object?>
        {
            ["seen"] = r.Seen,
            ["filtered"] = r.Filtered,
            ["excepted"] = r.Excepted,
            ["late"] = r.Late,
            ["evaluated"] = r.Evaluated,
            ["undefined"] = r.Undefined,
            ["limited"] = r.Limited,
            ["detections"] = r.Detections,
            ["alerts"] = r.Alerts,
        }),
    };
}
