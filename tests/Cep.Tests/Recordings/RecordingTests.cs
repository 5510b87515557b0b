using System.Globalization;
using Cep.Alerts;
using Xunit;

namespace Cep.Tests.Recordings;

/// <summary>
/// Rules over real recordings give exactly the events that an independent program with exact arithmetic gives.
/// </summary>
public sealed class RecordingTests
{
    private const string Skipped = $"{Recording.Variable} names no folder: the recordings are skipped";

    public static TheoryData<string, string> Rules => new()
    {
        { "nab", "nab-mt-below60-for6" },
        { "nab", "nab-mt-hourly-avg-below70" },
        { "nab", "nab-at-z3-n168-cooldown6h" },
        { "nab", "nab-ec2-z3-n288" },
        { "ai4i", "ai4i-hdf-decimal" },
        { "ai4i", "ai4i-toolwear-200-240" },
        { "ai4i", "ai4i-any-of-hdf-pwf-osf" },
        { "ai4i", "ai4i-seq-hdf-then-osf-30min" },
        { "skab", "skab-flow-z3-n120" },
        { "skab", "skab-pressure-z3-n120" },
        { "skab", "skab-current-z3-n120" },
        { "skab", "skab-acc1-z3-n120" },
        { "batadal", "batadal-04-lt1-stuck6" },
        { "batadal", "batadal-test-lt1-stuck6" },
        { "batadal", "batadal-test-lt1-range" },
        { "batadal", "batadal-test-any-tank-z3-n168" },
        { "fdh", "fdh-terminal-confirmed28d-ge1" },
        { "fdh", "fdh-terminal-confirmed28d-ge3" },
        { "fdh", "fdh-customer-amount-gt-5x-avg14d" },
        { "fdh", "fdh-customer-count-1h-ge4" },
        { "fdh", "fdh-customer-count-24h-ge10" },
        { "fdh", "fdh-customer-distinct-terminals24h-ge8" },
        { "fdh", "fdh-any-of-three" },
        { "amlsim", "aml-amount-lt-50" },
        { "amlsim", "aml-repeat-pair-same-day-ge3" },
        { "amlsim", "aml-fanin-all-1d-ge6" },
        { "amlsim", "aml-fanin-small-60d-ge2" },
        { "sparkov", "spk-3-over-200-in-24h" },
        { "paysim", "pay-account-emptied" },
        { "paysim", "pay-transfer-gt-200000" },
        { "tabformer", "tab-state-italy" },
        { "tabformer", "tab-online" },
        { "tabformer", "tab-exact-refund-14d" },
        { "tabformer", "tab-2-errors-1h" },
        { "secrepo", "ssh-secrepo-distinct-users-ge5-10min" },
        { "honeybucket", "aws-honeybucket-ge3-1h-per-ip" },
        { "honeybucket", "aws-honeybucket-put-after-probe-1h" },
    };

    public static TheoryData<string> Files => [.. Recording.All.Select(r => r.Rules)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Rule_OverARecording_FiresForExactlyTheKnownEvents(string file, string rule)
    {
        Assert.SkipWhen(Recording.Root is null, Skipped);

        var (ids, _) = Found(file, rule);

        Assert.Equal(Expected(rule), ids);
    }

    /// <summary>Of matches that end in one event each is an alert, while the event is known once.</summary>
    [Theory]
    [InlineData("amlsim", "aml-chain3-small-120d", 3142)]
    [InlineData("exfiltration", "aws-listbuckets-listobjects-getobject-5min", 3)]
    public void Pattern_WithAllItsMatches_EndsInExactlyTheKnownEvents(string file, string rule, int matches)
    {
        Assert.SkipWhen(Recording.Root is null, Skipped);

        var (ids, alertIds) = Found(file, rule);

        Assert.Equal(Expected(rule), ids.Distinct());
        Assert.Equal(matches, ids.Count);
        Assert.Distinct(alertIds);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Recording_IsTakenWhole_AndBalances(string file)
    {
        Assert.SkipWhen(Recording.Root is null, Skipped);

        var ledger = Recording.All.Single(r => r.Rules == file).Run().Ledger;

        Assert.True(ledger.Balances);
        Assert.All(ledger.Streams, s => Assert.Equal(s.Received, s.Processed));
    }

    private static string[] Expected(string rule) =>
        File.ReadAllLines(Path.Combine(Recording.Root!, "expected", rule.Replace('-', '_') + ".ids"));

    /// <summary>The ids of the events that fired, in the order of the stream, and those of their alerts.</summary>
    private static (List<string> Events, List<string> Alerts) Found(string file, string rule)
    {
        var recording = Recording.All.Single(r => r.Rules == file);
        var alerts = recording.Run().Alerts[rule]
            .OrderBy(a => a.Evidence.Count > 0 ? Last(a).Position : a.AtMs).ToList();
        return ([.. alerts.Select(a => IdOf(a, recording.Id))], [.. alerts.Select(a => a.Id)]);
    }

    /// <summary>The event that fired: of a pattern the last one.</summary>
    private static Evidence Last(Alert alert) => alert.Evidence.MaxBy(e => e.Position)!;

    /// <summary>The id of the event that fired; of a window its start in seconds.</summary>
    private static string IdOf(Alert alert, string field) => alert.Window is { } window
        ? (window.StartMs / 1000).ToString(CultureInfo.InvariantCulture)
        : Convert.ToString(
            Last(alert).Event.First(e => e.Key == field).Value, CultureInfo.InvariantCulture)!;
}
