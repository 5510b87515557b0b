using System.Globalization;
using System.Runtime.InteropServices;
using Cep.State;

namespace Cep.Alerts;

/// <summary>
/// The last step before alerts leave the engine: holds back repeats (<c>dedupe</c>), numbers identical ones, puts them
/// in order.
/// </summary>
internal sealed class AlertStage
{
    private readonly Dictionary<string, Dedupe> _dedupe = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Count, long AtMs)> _ids = new(StringComparer.Ordinal);
    private readonly long[] _sent;
    private int _forgetAt = 4096;

    private struct Dedupe
    {
        public long LastMs;
        public long Suppressed;
    }

    public AlertStage(int rules) => _sent = new long[rules];

    /// <summary>Alerts sent by each rule.</summary>
    public ReadOnlySpan<long> Sent => _sent;

    /// <summary>The alerts to send of those found, sorted by (at, rule, key, id).</summary>
    public List<Alert> Pass(List<AlertDraft> drafts, long floorMs)
    {
        Ordering.SortNearly(drafts, AlertDraft.ByOccurrence);
        var alerts = new List<Alert>(drafts.Count);
        foreach (var draft in drafts)
        {
            var alert = draft.Alert;
            if (draft.Rule.Plan.Alert.DedupeMs > 0 && HoldBack(draft, ref alert))
                continue;
            _sent[draft.Rule.Index]++;
            alerts.Add(Numbered(alert));
        }

        Ordering.SortNearly(alerts, Order);
        Forget(floorMs);
        return alerts;
    }

    public void Save(StateWriter writer)
    {
        writer.Section("alerts", 1);
        writer.Int(_dedupe.Count);
        foreach (var (key, dedupe) in _dedupe)
        {
            writer.Text(key);
            writer.Long(dedupe.LastMs);
            writer.Long(dedupe.Suppressed);
        }

        writer.Int(_ids.Count);
        foreach (var (id, (count, at)) in _ids)
        {
            writer.Text(id);
            writer.Int(count);
            writer.Long(at);
        }

        writer.Int(_sent.Length);
        foreach (var sent in _sent)
            writer.Long(sent);
    }

    public void Load(StateReader reader)
    {
        reader.Section("alerts", 1);
        for (var n = reader.Count(); n > 0; n--)
            _dedupe[reader.Text()!] = new Dedupe { LastMs = reader.Long(), Suppressed = reader.Long() };
        for (var n = reader.Count(); n > 0; n--)
            _ids[reader.Text()!] = (reader.Int(), reader.Long());
        var rules = reader.Count();
        for (var i = 0; i < rules; i++)
            _sent[i] = reader.Long();
    }

    /// <summary>Goes on from where another engine's was, for the rules that go on.</summary>
    /// <param name="from">The other.</param>
    /// <param name="rules">The ids of the rules, with their places there and here.</param>
    public void TakeOver(AlertStage from, IReadOnlyDictionary<string, (int Was, int Now)> rules)
    {
        foreach (var (key, dedupe) in from._dedupe)
            if (rules.ContainsKey(key[..key.IndexOf('\u001f', StringComparison.Ordinal)]))
                _dedupe[key] = dedupe;

        // an id is given out once, whoever asks for it
        foreach (var (id, seen) in from._ids)
            _ids[id] = seen;
        foreach (var (was, now) in rules.Values)
            _sent[now] = from._sent[was];
    }

    private static readonly IComparer<Alert> Order = Comparer<Alert>.Create(Compare);

    /// <summary>The order of alerts for people and files.</summary>
    public static int Compare(Alert a, Alert b)
    {
        var order = a.AtMs.CompareTo(b.AtMs);
        if (order == 0)
            order = string.CompareOrdinal(a.Rule, b.Rule);
        if (order == 0)
            order = string.CompareOrdinal(KeyText(a), KeyText(b));
        return order != 0 ? order : string.CompareOrdinal(a.Id, b.Id);
    }

    private static string KeyText(Alert alert) => alert.Key.Count switch
    {
        0 => "",
        1 => Expressions.Evaluation.AnyValue.Text(alert.Key[0].Value),
        _ => string.Join('\u001f', alert.Key.Select(k => Expressions.Evaluation.AnyValue.Text(k.Value))),
    };

    private bool HoldBack(AlertDraft draft, ref Alert alert)
    {
        var key = $"{alert.Rule}\u001f{alert.Status}\u001f{KeyText(alert)}";
        ref var dedupe = ref CollectionsMarshal.GetValueRefOrAddDefault(_dedupe, key, out var known);
        if (known && alert.AtMs < dedupe.LastMs + draft.Rule.Plan.Alert.DedupeMs && alert.AtMs >= dedupe.LastMs)
        {
            dedupe.Suppressed++;
            return true;
        }

        if (dedupe.Suppressed > 0)
            alert = alert with { Suppressed = dedupe.Suppressed };
        dedupe = new Dedupe { LastMs = alert.AtMs };
        return false;
    }

    private Alert Numbered(Alert alert)
    {
        ref var seen = ref CollectionsMarshal.GetValueRefOrAddDefault(_ids, alert.Id, out _);
        seen.AtMs = alert.AtMs;
        return seen.Count++ == 0
            ? alert
            : alert with { Id = alert.Id + "-" + seen.Count.ToString(CultureInfo.InvariantCulture) };
    }

    /// <summary>Ids of times that no alert can have any more need not be remembered; looked for now and then.</summary>
    private void Forget(long floorMs)
    {
        if (_ids.Count < _forgetAt)
            return;
        foreach (var (id, (_, at)) in _ids)
            if (at < floorMs)
                _ids.Remove(id);
        _forgetAt = Math.Max(4096, _ids.Count * 2);
    }
}
