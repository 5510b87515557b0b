using System.Buffers.Binary;
using Cep.Detection;
using Cep.Events;
using Cep.Expressions.Evaluation;
using Cep.Plans;

namespace Cep.Alerts;

/// <summary>What a partition has found and the engine has not sent yet.</summary>
/// <param name="Alert">The alert.</param>
/// <param name="Rule">Its rule.</param>
/// <param name="Order">See <see cref="Detected.Order"/>.</param>
/// <param name="RuleKey">The rule's own key, also where the alert shows another.</param>
internal sealed record AlertDraft(
    Alert Alert, HostedRule Rule, long Order, IReadOnlyList<KeyValuePair<string, object?>> RuleKey)
{
    /// <summary>It has been made an event of the stream that its rule emits to.</summary>
    public bool Emitted { get; set; }

    /// <summary>
    /// Counts on at each late event: what that brings about comes after all that was known before, whether or not they
    /// came in one batch.
    /// </summary>
    public int Turn { get; set; }

    /// <summary>The order in which alerts are looked at for <c>dedupe</c>.</summary>
    public static readonly IComparer<AlertDraft> ByOccurrence = Comparer<AlertDraft>.Create((a, b) =>
    {
        var order = a.Turn.CompareTo(b.Turn);
        if (order == 0)
            order = a.Alert.AtMs.CompareTo(b.Alert.AtMs);
        if (order == 0)
            order = a.Order.CompareTo(b.Order);
        if (order == 0)
            order = a.Rule.Index.CompareTo(b.Rule.Index);
        if (order == 0)
            order = Nullable.Compare(a.Alert.Revision, b.Alert.Revision);
        return order != 0 ? order : string.CompareOrdinal(a.Alert.Id, b.Alert.Id);
    });
}

/// <summary>Turns what detectors find into alerts. One for each partition.</summary>
internal sealed class AlertBuilder : DetectionSink
{
    private readonly IdentityBytes _identity = new();

    public List<AlertDraft> Drafts { get; } = [];

    public override void Accept(HostedRule rule, Detected detected)
    {
        var plan = rule.Plan;
        var evals = detected.Texts ?? rule.Evals;
        var ruleKey = RuleKey(rule, detected);
        var key = plan.Alert.Key.Count == 0 ? ruleKey : AlertKey(evals, detected.Frame);
        var window = detected.HasWindow ? (detected.Frame.WindowStartMs, detected.Frame.WindowEndMs)
            : default((long, long)?);
        var alert = new Alert
        {
            Id = Identity(plan, ruleKey, detected),
            Rule = plan.Id,
            AtMs = detected.AtMs,
            Status = detected.Status,
            Severity = plan.Severity,
            Key = key,
            Message = evals.Message?.Render(detected.Frame) ?? (
                plan.Description.Length > 0 ? plan.Description : plan.Id),
            Labels = Array.ConvertAll(evals.Labels, l => KeyValuePair.Create(l.Name, l.Value.Render(detected.Frame))),
            Fields = Array.ConvertAll(
                evals.Fields, f => KeyValuePair.Create(f.Name, ShownValue.Of(f.Value.Box(detected.Frame), f.Type))),
            Evidence = EvidenceOf(detected),
            Window = window,
            Revision = detected.HasWindow ? detected.Revision : null,
            Shadow = plan.Mode == RuleMode.Shadow,
        };
        Drafts.Add(new AlertDraft(alert, rule, detected.Order, ruleKey));
    }

    private static Evidence[] EvidenceOf(Detected detected)
    {
        detected.KeepEvidence();
        var evidence = new Evidence[detected.Evidence.Count];
        for (var i = 0; i < evidence.Length; i++)
        {
            var (step, batch, row) = detected.Evidence[i];
            evidence[i] = new Evidence(step, batch, row);
        }

        return evidence;
    }

    /// <summary>The alert's key; the frame then knows the parts of the rule's key.</summary>
    private static KeyValuePair<string, object?>[] RuleKey(HostedRule rule, Detected detected)
    {
        var frame = detected.Frame;
        KeyValuePair<string, object?>[] key;
        if (detected.Slot >= 0)
            (frame.Key, key) = detected.Keys!.ShownKeyOf(detected.Slot);
        else
        {
            frame.Key = Array.ConvertAll(rule.ByEvals, part => part.Value.Box(frame));
            key = KeyTable.Show(frame.Key, rule.Plan.By.Count > 0 ? rule.Plan.By[0] : default);
        }

        return key;
    }

    /// <summary>The key that overrides the rule's.</summary>
    private static KeyValuePair<string, object?>[] AlertKey(AlertEvals evals, Frame frame) => Array.ConvertAll(
        evals.By, part => KeyValuePair.Create(part.Name, ShownValue.Of(part.Value.Box(frame), part.Type)));

    /// <summary>
    /// A hash of rule, key, time, status, window and the evidence's contents: not their positions, so that the same
    /// detection has the same id in every run.
    /// </summary>
    private string Identity(RulePlan plan, KeyValuePair<string, object?>[] key, Detected detected)
    {
        _identity.Clear();
        _identity.Text(plan.Id);
        foreach (var (name, value) in key)
        {
            _identity.Text(name);
            _identity.Text(AnyValue.Text(value));
        }

        _identity.Number(detected.AtMs);
        _identity.Number((int)detected.Status);
        if (detected.HasWindow)
        {
            _identity.Number(detected.Frame.WindowStartMs);
            _identity.Number(detected.Frame.WindowEndMs);
            _identity.Number(detected.Revision);
        }

        foreach (var (step, batch, row) in detected.Evidence)
        {
            _identity.Text(step);
            _identity.Text(batch.Schema.Name);
            _identity.Number(batch.Times[row]);
            WriteContents(batch, row);
        }

        Span<byte> hash = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(hash, SipHash.Hash(_identity.Written));
        return Convert.ToHexStringLower(hash);
    }

    private void WriteContents(EventBatch batch, int row)
    {
        for (var i = 0; i < batch.Columns.Length; i++)
        {
            var column = batch.Columns[i];
            if (column is null || column.IsNull(row))
                continue;
            _identity.Number(i);
            if (column.Type == DataType.String)
                _identity.Bytes(column.Pool.Utf8(column.Codes[row]));
            else if (column.Type == DataType.Number)
                _identity.Number(BitConverter.DoubleToInt64Bits(column.Doubles[row]));
            else if (column.IsLong)
                _identity.Number(column.Longs[row]);
            else
                _identity.Text(AnyValue.Text(column.ValueAt(row)));
        }
    }
}
