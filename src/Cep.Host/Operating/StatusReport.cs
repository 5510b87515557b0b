using Cep.Host.Notifying;

namespace Cep.Host.Operating;

/// <summary>How a deployment is doing, as values that become JSON.</summary>
internal static class StatusReport
{
    public static Dictionary<string, object?> Of(Operation operation)
    {
        var view = operation.Watch.View;
        var now = operation.Clock.GetUtcNow();
        return new()
        {
            ["running"] = true,
            ["version"] = ProcessMetrics.Version,
            ["phase"] = operation.Phase.ToString().ToLowerInvariant(),
            ["trouble"] = operation.Unready(),
            ["started"] = operation.Started,
            ["uptime_seconds"] = Math.Round((now - operation.Started).TotalSeconds, 1),
            ["streams"] = List(view.Ledger.Streams, s => Stream(s, view, now)),
            ["rules"] = List(view.Ledger.Rules, r => new()
            {
                ["rule"] = r.Rule,
                ["seen"] = r.Seen,
                ["evaluated"] = r.Evaluated,
                ["detections"] = r.Detections,
                ["alerts"] = r.Alerts,
            }),
            ["sources"] = List(operation.Sources, s => new()
            {
                ["source"] = s.Name,
                ["stream"] = s.Stream,
                ["state"] = s.State.ToString().ToLowerInvariant(),
                ["events"] = s.Events,
                ["rejected"] = s.Rejected,
            }),
            ["sinks"] = List(operation.Sinks, s => new()
            {
                ["sink"] = s.Name,
                ["delivered"] = s.Delivered,
                ["failed"] = s.Failed,
                ["waiting"] = s.Waiting,
                ["retries"] = s.Retries,
            }),
            ["open_keys"] = view.Keys,
            ["journal"] = Journal(operation, view, now),
            ["silences"] = Silences(operation.Notifier, now),
        };
    }

    /// <summary>Silences that have not ended.</summary>
    public static object Silences(Notifier notifier, DateTimeOffset now) =>
        List(notifier.Silences.Where(s => s.Until > now), s => new()
        {
            ["id"] = s.Id.Length > 0 ? s.Id : null,
            ["match"] = s.Match,
            ["until"] = s.Until,
            ["why"] = s.Why,
        });

    private static Dictionary<string, object?> Stream(StreamLedger s, EngineView view, DateTimeOffset now) => new()
    {
        ["stream"] = s.Stream,
        ["received"] = s.Received,
        ["processed"] = s.Processed,
        ["late"] = s.Late,
        ["ahead"] = s.Ahead,
        ["duplicate"] = s.Duplicate,
        ["rejected"] = s.Rejected,
        ["shed"] = s.Shed,
        ["lag_seconds"] = view.Watermarks.TryGetValue(s.Stream, out var ms)
            ? Math.Round(((double)now.ToUnixTimeMilliseconds() - ms) / 1000, 1)
            : null,
    };

    private static Dictionary<string, object?>? Journal(Operation operation, EngineView view, DateTimeOffset now)
    {
        if (operation.Checkpoints is not { } checkpoints)
            return null;
        var journal = operation.Entrance.Meter.Read();
        return new()
        {
            ["sequence"] = view.Sequence,
            ["records"] = journal.Records,
            ["bytes"] = journal.Bytes,
            ["commits"] = journal.Commits,
            ["checkpoints"] = checkpoints.Kept,
            ["checkpoint_age_seconds"] = checkpoints.KeptMs > 0
                ? Math.Round((now.ToUnixTimeMilliseconds() - checkpoints.KeptMs) / 1000d, 1)
                : null,
        };
    }

    private static object?[] List<T>(IEnumerable<T> items, Func<T, Dictionary<string, object?>> shown) =>
        [.. items.Select(shown)];
}
