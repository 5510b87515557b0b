using Cep.Events;
using Cep.Plans;

namespace Cep.Alerts;

/// <summary>
/// A stream whose events are the detections of rules (<c>emit</c>): <c>ts</c> (the detection's time), <c>rule</c>,
/// <c>status</c>, the parts of the key, then the values of let, select and alert.fields.
/// </summary>
internal sealed class DerivedStream(StreamPlan plan)
{
    private readonly EventBatchBuilder _builder = new(plan.Schema);
    private readonly List<long> _ranks = [];

    public StreamPlan Plan { get; } = plan;

    public long NextPosition => _builder.Position;

    /// <summary>The detections as events, in order of time; none held back by <c>dedupe</c>.</summary>
    public EventBatch? ToBatch(IEnumerable<AlertDraft> drafts)
    {
        foreach (var draft in drafts)
        {
            var alert = draft.Alert;
            var row = _builder.Count;
            var set = new HashSet<string>(StringComparer.Ordinal);
            Set(row, set, "ts", alert.AtMs);
            Set(row, set, "rule", alert.Rule);
            Set(row, set, "status", alert.Status == AlertStatus.Firing ? "firing" : "resolved");
            foreach (var (name, value) in draft.RuleKey.Concat(alert.Fields))
                Set(row, set, name, Plain(value));
            for (var i = 0; i < Plan.Schema.Fields.Length; i++)
                if (!set.Contains(Plan.Schema.Fields[i].Name))
                    _builder.Columns[i].SetNull(row);
            _builder.Commit(alert.AtMs);
            _ranks.Add(RankOf(draft));
        }

        if (_builder.Count == 0)
            return null;
        var batch = _builder.Build();
        batch.Ranks = [.. _ranks];
        _ranks.Clear();
        return batch;
    }

    /// <summary>Of detections at one time those come first whose event did, then those of the first rule.</summary>
    private static long RankOf(AlertDraft draft) =>
        Math.Min(draft.Order, (1L << 47) - 1) << 16 | (ushort)draft.Rule.Index;

    public void Restore(long position) => _builder.Position = position;

    private static object? Plain(object? value) => value switch
    {
        DateTimeOffset time => time.ToUnixTimeMilliseconds(),
        TimeSpan span => span.Ticks / TimeSpan.TicksPerMillisecond,
        _ => value,
    };

    private void Set(int row, HashSet<string> set, string name, object? value)
    {
        var field = Plan.Schema.IndexOf(name);
        if (field >= 0 && set.Add(name))
            _builder.Columns[field].SetValue(row, value);
    }
}
