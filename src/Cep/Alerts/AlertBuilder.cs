using System.Buffers;
using System.Security.Cryptography;
using Cep.Detection;
using Cep.Plans;
using Cep.State;

namespace Cep.Alerts;

/// <summary>What a partition has found and the engine has not sent yet.</summary>
internal sealed record AlertDraft(Alert Alert, HostedRule Rule, long Order)
{
    /// <summary>It has been made an event of the stream that its rule emits to.</summary>
    public bool Emitted { get; set; }

    /// <summary>The order in which alerts are looked at for <c>dedupe</c>.</summary>
    public static readonly IComparer<AlertDraft> ByOccurrence = Comparer<AlertDraft>.Create((a, b) =>
    {
        var order = a.Alert.AtMs.CompareTo(b.Alert.AtMs);
        if (order == 0)
            order = a.Order.CompareTo(b.Order);
        if (order == 0)
            order = a.Rule.Index.CompareTo(b.Rule.Index);
        return order != 0 ? order : string.CompareOrdinal(a.Alert.Id, b.Alert.Id);
    });
}

/// <summary>Turns what detectors find into alerts. One for each partition.</summary>
internal sealed class AlertBuilder : DetectionSink
{
    private readonly ArrayBufferWriter<byte> _identity = new();
    private readonly StateWriter _writer;

    public AlertBuilder() => _writer = new StateWriter(_identity);

    public List<AlertDraft> Drafts { get; } = [];

    public override void Accept(HostedRule rule, Detected detected)
    {
        var plan = rule.Plan;
        var evals = detected.Texts ?? rule.Evals;
        var key = Key(rule, detected);
        var window = detected.HasWindow ? (detected.Frame.WindowStartMs, detected.Frame.WindowEndMs) : default((long, long)?);
        var alert = new Alert
        {
            Id = Identity(plan, key, detected),
            Rule = plan.Id,
            AtMs = detected.AtMs,
            Status = detected.Status,
            Severity = plan.Severity,
            Key = key,
            Message = evals.Message?.Render(detected.Frame) ?? (plan.Description.Length > 0 ? plan.Description : plan.Id),
            Labels = Array.ConvertAll(evals.Labels, l => KeyValuePair.Create(l.Name, l.Value.Render(detected.Frame))),
            Fields = Array.ConvertAll(
                evals.Fields, f => KeyValuePair.Create(f.Name, AlertValue.Of(f.Value.Box(detected.Frame), f.Type))),
            Evidence = [.. detected.Evidence.Select(e => new Evidence(e.Step, e.Batch, e.Row))],
            Window = window,
            Revision = detected.HasWindow ? detected.Revision : null,
            Shadow = plan.Mode == RuleMode.Shadow,
        };
        Drafts.Add(new AlertDraft(alert, rule, detected.Order));
    }

    /// <summary>The alert's key; the frame then knows the parts of the rule's key.</summary>
    private static KeyValuePair<string, object?>[] Key(HostedRule rule, Detected detected)
    {
        var by = rule.Plan.By.Count > 0 ? rule.Plan.By[0] : default;
        if (detected.Slot >= 0)
            detected.Frame.Key = detected.Keys!.KeyOf(detected.Slot);
        else if (by.Count > 0)
            detected.Frame.Key = Array.ConvertAll(rule.ByEvals, part => part.Value.Box(detected.Frame));
        var frame = detected.Frame;
        if (rule.Plan.Alert.Key.Count > 0)
            return Array.ConvertAll(rule.Evals.By, part => KeyValuePair.Create(part.Name, AlertValue.Of(part.Value.Box(frame), part.Type)));
        var key = new KeyValuePair<string, object?>[by.Count];
        for (var i = 0; i < key.Length; i++)
            key[i] = KeyValuePair.Create(by[i].Name, AlertValue.Of(frame.Key[i], by[i].Value.Type));
        return key;
    }

    /// <summary>
    /// The first 128 bits of the SHA-256 of rule, key, time, status, window and the evidence's contents: not their positions,
    /// so that the same detection has the same id in every run.
    /// </summary>
    private string Identity(RulePlan plan, KeyValuePair<string, object?>[] key, Detected detected)
    {
        _identity.ResetWrittenCount();
        _writer.Text(plan.Id);
        foreach (var (name, value) in key)
        {
            _writer.Text(name);
            _writer.Text(Expressions.Evaluation.AnyValue.Text(value));
        }

        _writer.Long(detected.AtMs);
        _writer.Int((int)detected.Status);
        if (detected.HasWindow)
        {
            _writer.Long(detected.Frame.WindowStartMs);
            _writer.Long(detected.Frame.WindowEndMs);
            _writer.Int(detected.Revision);
        }

        foreach (var (step, batch, row) in detected.Evidence)
        {
            _writer.Text(step);
            _writer.Text(batch.Schema.Name);
            _writer.Long(batch.Times[row]);
            WriteContents(batch, row);
        }

        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(_identity.WrittenSpan, hash);
        return Convert.ToHexStringLower(hash[..16]);
    }

    private void WriteContents(Events.EventBatch batch, int row)
    {
        for (var i = 0; i < batch.Columns.Length; i++)
        {
            var column = batch.Columns[i];
            if (column is null || column.IsNull(row))
                continue;
            _writer.Int(i);
            if (column.Type == Events.DataType.String)
                _writer.Bytes(column.Pool.Utf8(column.Codes[row]));
            else if (column.Type == Events.DataType.Number)
                _writer.Double(column.Doubles[row]);
            else if (column.IsLong)
                _writer.Long(column.Longs[row]);
            else
                _writer.Text(Expressions.Evaluation.AnyValue.Text(column.ValueAt(row)));
        }
    }
}
