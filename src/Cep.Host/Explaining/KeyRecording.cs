using System.Globalization;
using Cep.Alerts;
using Cep.Connectors.Formats;
using Cep.Expressions;
using Cep.Host.Replaying;
using Cep.Plans;

namespace Cep.Host.Explaining;

/// <summary>
/// What an engine made of one key: the rule's alerts, and what it had to judge. Rules that always fire, put beside the
/// rule, tell of every event what the rule saw of it.
/// </summary>
internal sealed class KeyRecording : IObserver<IReadOnlyList<Alert>>
{
    private const int BatchRows = 4096;
    private const string Fired = "?fired";
    private readonly string _key;
    private readonly int _watched;
    private readonly List<KeyEvent> _events = [];

    private KeyRecording(string key, int watched) => (_key, _watched) = (key, watched);

    /// <summary>The events of the key (windows: those reported without a condition), in order.</summary>
    public IReadOnlyList<KeyEvent> Events { get; private set; } = [];

    /// <summary>The alerts of the rule for the key, those held back by dedupe included.</summary>
    public List<Alert> Alerts { get; } = [];

    /// <param name="plan">All rules: some may feed the one asked about.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="key">The key as text, its parts separated by commas.</param>
    /// <param name="watched">What is worth knowing at each event of the rule's first stream.</param>
    /// <param name="inputs">The recorded events.</param>
    public static KeyRecording Run(
        EnginePlan plan, RulePlan rule, string key, IReadOnlyList<Expr> watched, IReadOnlyList<ReplayInput> inputs)
    {
        var recording = new KeyRecording(key, watched.Count);
        var probes = rule.Inputs.Select((_, input) => Probe(rule, input, input == 0 ? watched : []));
        var description = rule.Description.Length > 0 ? rule.Description : rule.Id;
        var alone = Plain(rule) with { Id = Fired, Description = description };
        var feeding = plan.Rules.Where(r => r.Emit is not null && r.Mode != RuleMode.Off);
        using var engine = new Engine(new EnginePlan(plan.Streams, [.. feeding, .. probes, alone]));
        using var subscription = engine.Alerts.Subscribe(recording);
        using var merge = new InputMerge();
        foreach (var input in inputs)
        {
            var schema = plan.Streams.First(s => s.Schema.Name == input.Stream).Schema;
            merge.Add(input.Path, schema, new DecoderOptions(engine.FieldsRead(input.Stream)), BatchRows);
        }

        while (merge.Next() is { } batch)
        {
            engine.Push(batch);
            while (merge.NextEnded() is { } ended)
                engine.Advance(ended, long.MaxValue);
        }

        engine.Complete();
        recording.Events = [.. recording._events.OrderBy(e => e.AtMs).ThenBy(e => e.Input)];
        return recording;
    }

    public void OnNext(IReadOnlyList<Alert> alerts)
    {
        foreach (var alert in alerts.Where(a => a.Rule[0] == '?'))
        {
            if (string.Join(',', alert.Key.Select(k => ShownText.Plain(k.Value))) != _key)
                continue;
            if (alert.Rule == Fired)
            {
                if (alert.Status == AlertStatus.Firing)
                    Alerts.Add(alert);
                continue;
            }

            var evidence = alert.Evidence.Count > 0 ? alert.Evidence[^1] : null;
            var values = alert.Fields.Skip(alert.Fields.Count - _watched).Select(f => f.Value).ToArray();
            _events.Add(new KeyEvent(
                int.Parse(alert.Rule.AsSpan(1), CultureInfo.InvariantCulture), alert.AtMs, evidence?.Batch,
                evidence?.Row ?? 0, values, alert.Window));
        }
    }

    public void OnError(Exception error) => throw error;

    public void OnCompleted()
    {
    }

    private static RulePlan Probe(RulePlan rule, int input, IReadOnlyList<Expr> watched)
    {
        ValueList<NamedExpr> fields = [.. watched.Select((e, i) => new NamedExpr($"?{i}", e))];
        var plain = Plain(rule);
        return plain with
        {
            Id = $"?{input}",
            Inputs = [rule.Inputs[input]],
            By = rule.By.Count == 0 ? [] : [rule.By[input]],
            Where = input == 0 ? rule.Where : null,
            Except = input == 0 ? rule.Except : [],
            Let = [],
            Detector = rule.Detector is WindowPlan window
                ? window with { When = null }
                : new ConditionPlan(ConstExpr.True, 0, null, false, (rule.Detector as ConditionPlan)?.EveryMs ?? 0),
            Alert = new AlertPlan(null, [], fields, 0, []),
        };
    }

    private static RulePlan Plain(RulePlan rule) => rule with
    {
        Mode = RuleMode.Live,
        Emit = null,
        Alert = rule.Alert with { DedupeMs = 0, Key = [] },
    };
}
