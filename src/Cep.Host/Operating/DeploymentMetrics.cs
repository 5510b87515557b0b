using static Cep.Host.Operating.MetricKind;

namespace Cep.Host.Operating;

/// <summary>The metrics of a deployment, by names that stay.</summary>
internal sealed class DeploymentMetrics(Operation operation)
{
    /// <summary>Rules beyond these are counted together, as <see cref="OtherRules"/>.</summary>
    internal const int MaxRules = 1000;

    internal const string OtherRules = "_other";

    public IReadOnlyList<MetricFamily> Collect()
    {
        // one view for all: what is told of events adds up
        var view = operation.Watch.View;
        return
        [
            .. Streams(view), .. Rules(Bounded(view.Ledger.Rules)), .. Sources(), .. Sinks(), .. Notifications(),
            .. Keeping(view), .. ProcessMetrics.Collect(operation.Started),
        ];
    }

    /// <summary>No more rules than are told apart.</summary>
    internal static IReadOnlyList<RuleLedger> Bounded(IReadOnlyList<RuleLedger> rules)
    {
        if (rules.Count <= MaxRules)
            return rules;
        var rest = rules.Skip(MaxRules).Aggregate((sum, r) => new RuleLedger(
            OtherRules, sum.Seen + r.Seen, sum.Filtered + r.Filtered, sum.Excepted + r.Excepted, sum.Late + r.Late,
            sum.Evaluated + r.Evaluated, sum.Undefined + r.Undefined, sum.Limited + r.Limited,
            sum.Detections + r.Detections, sum.Alerts + r.Alerts));
        return [.. rules.Take(MaxRules), rest with { Rule = OtherRules }];
    }

    private IEnumerable<MetricFamily> Streams(EngineView view)
    {
        var received = new MetricFamily(
            "cep_stream_events_received_total", Counter, "Events of a stream, also what could not become one.");
        var events = new MetricFamily(
            "cep_stream_events_total", Counter, "Events of a stream by what became of them: together those received.");
        var lag = new MetricFamily(
            "cep_stream_watermark_lag_seconds", Gauge, "How far the watermark of a stream is behind the wall clock.");
        foreach (var s in view.Ledger.Streams)
        {
            received.Add(s.Received, ("stream", s.Stream));
            foreach (var (outcome, count) in new[]
            {
                ("processed", s.Processed), ("late", s.Late), ("ahead", s.Ahead), ("duplicate", s.Duplicate),
                ("rejected", s.Rejected), ("shed", s.Shed),
            })
                events.Add(count, ("stream", s.Stream), ("outcome", outcome));
        }

        var nowMs = operation.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (stream, ms) in view.Watermarks)
            lag.Add(((double)nowMs - ms) / 1000, ("stream", stream));
        return [received, events, lag];
    }

    private static IEnumerable<MetricFamily> Rules(IReadOnlyList<RuleLedger> rules)
    {
        var events = new MetricFamily(
            "cep_rule_events_total", Counter, "Events that a rule saw by what it did with them: together those seen.");
        foreach (var r in rules)
            foreach (var (outcome, count) in new[]
            {
                ("filtered", r.Filtered), ("excepted", r.Excepted), ("late", r.Late), ("evaluated", r.Evaluated),
            })
                events.Add(count, ("rule", r.Rule), ("outcome", outcome));
        return
        [
            Of("cep_rule_events_seen_total", "Events that a rule saw.", r => r.Seen), events,
            Of("cep_rule_detections_total", "What a rule detected, told or not.", r => r.Detections),
            Of("cep_rule_alerts_total", "Alerts of a rule.", r => r.Alerts),
            Of("cep_rule_undefined_total", "Operations of a rule without a result, that gave null.", r => r.Undefined),
            Of("cep_rule_limited_total", "Matches beyond the limits, let go of.", r => r.Limited),
        ];

        MetricFamily Of(string name, string help, Func<RuleLedger, long> count)
        {
            var family = new MetricFamily(name, Counter, help);
            foreach (var rule in rules)
                family.Add(count(rule), ("rule", rule.Rule));
            return family;
        }
    }

    private IEnumerable<MetricFamily> Sources()
    {
        var events = new MetricFamily("cep_source_events_total", Counter, "Events that a source has handed over.");
        var rejected = new MetricFamily(
            "cep_source_rejected_total", Counter, "What a source has handed over that could not become an event.");
        var arrivals = new MetricFamily("cep_source_batches_total", Counter, "Batches that a source has handed over.");
        var refused = new MetricFamily(
            "cep_source_refused_total", Counter, "Connections or requests that a source did not take.");
        var running = new MetricFamily("cep_source_running", Gauge, "1 while a source runs.");
        foreach (var group in operation.Sources.GroupBy(s => (s.Name, s.Stream)))
        {
            var labels = new[] { ("source", group.Key.Name), ("stream", group.Key.Stream) };
            events.Add(group.Sum(s => s.Events), labels);
            rejected.Add(group.Sum(s => s.Rejected), labels);
            arrivals.Add(group.Sum(s => s.Arrivals), labels);
            refused.Add(group.Sum(s => s.Refused), labels);
            running.Add(group.All(s => s.State == Running.SourceState.Running) ? 1 : 0, labels);
        }

        return [events, rejected, arrivals, refused, running];
    }

    private IEnumerable<MetricFamily> Sinks()
    {
        var delivered = new MetricFamily("cep_sink_delivered_total", Counter, "Alerts that a sink has delivered.");
        var failed = new MetricFamily("cep_sink_failed_total", Counter, "Alerts that a sink has given up.");
        var retries = new MetricFamily("cep_sink_retries_total", Counter, "Attempts to deliver after the first.");
        var waiting = new MetricFamily("cep_sink_waiting_alerts", Gauge, "Alerts on their way to a sink.");
        foreach (var sink in operation.Sinks)
        {
            delivered.Add(sink.Delivered, ("sink", sink.Name));
            failed.Add(sink.Failed, ("sink", sink.Name));
            retries.Add(sink.Retries, ("sink", sink.Name));
            waiting.Add(sink.Waiting, ("sink", sink.Name));
        }

        return [delivered, failed, retries, waiting];
    }

    private IEnumerable<MetricFamily> Notifications()
    {
        var (groups, members) = operation.Notifier.Held;
        return
        [
            new MetricFamily(
                    "cep_notifier_muted_total", Counter, "Alerts that were silenced or inhibited to their end.")
                .Add(operation.Notifier.Muted),
            new MetricFamily("cep_notifier_ungrouped_total", Counter, "Alerts for which groups had no room.")
                .Add(operation.Notifier.Ungrouped),
            new MetricFamily("cep_notifier_groups", Gauge, "Groups of alerts.").Add(groups),
            new MetricFamily("cep_notifier_alerts", Gauge, "Alerts in groups.").Add(members),
        ];
    }

    private IEnumerable<MetricFamily> Keeping(EngineView view)
    {
        var open = new MetricFamily("cep_open_keys", Gauge, "Keys with state.").Add(view.Keys);
        var waiting = new MetricFamily(
                "cep_queue_batches", Gauge, "Batches that wait, to be kept (entrance) or for the engine (engine).")
            .Add(operation.Entrance.Waiting, ("queue", "entrance"))
            .Add(operation.Entrance.Ahead, ("queue", "engine"));
        if (operation.Checkpoints is not { } checkpoints)
            return [open, waiting];
        var journal = operation.Entrance.Meter.Read();
        var took = new MetricFamily("cep_journal_commit_duration_seconds", Histogram, "How long commits took.");
        foreach (var (bound, commits) in journal.Buckets)
            took.Add("_bucket", commits, ("le", MetricsText.Number(bound)));
        took.Add("_bucket", journal.Commits, ("le", "+Inf"));
        took.Add("_sum", journal.Seconds).Add("_count", journal.Commits);
        var age = new MetricFamily("cep_checkpoint_age_seconds", Gauge, "Time since the newest checkpoint was taken.");
        if (checkpoints.KeptMs is > 0 and var ms)
            age.Add((operation.Clock.GetUtcNow().ToUnixTimeMilliseconds() - ms) / 1000d);
        return
        [
            open, waiting, took, age,
            new MetricFamily("cep_journal_records_total", Counter, "Records of the journal.").Add(journal.Records),
            new MetricFamily("cep_journal_bytes_total", Counter, "What the records of the journal hold.")
                .Add(journal.Bytes),
            new MetricFamily("cep_checkpoints_total", Counter, "Checkpoints that count.").Add(checkpoints.Kept),
            new MetricFamily("cep_checkpoint_pause_seconds", Gauge, "How long events waited for the last checkpoint.")
                .Add(checkpoints.LastPause.TotalSeconds),
        ];
    }
}
