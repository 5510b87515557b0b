using Cep.Alerts;
using Cep.Host.Replaying;
using Cep.Host.Rules;
using Cep.Plans;

namespace Cep.Host.Explaining;

/// <summary>Why a rule fired, or did not, for a key.</summary>
public static class Why
{
    /// <param name="plan">All rules.</param>
    /// <param name="rule">The rule asked about.</param>
    /// <param name="key">The key as text, its parts separated by commas; empty where the rule has none.</param>
    /// <param name="atMs">The time asked for (ms since the epoch), or null: the whole recording.</param>
    /// <param name="inputs">The recorded events.</param>
    /// <exception cref="IOException">An input can't be read.</exception>
    public static string Explain(
        EnginePlan plan, RulePlan rule, string key, long? atMs, IReadOnlyList<ReplayInput> inputs)
    {
        var text = new LabelledLines();
        text.Add("rule", rule.Id);
        text.Add("key", key.Length == 0 ? "none" : key);
        var parts = rule.Detector switch
        {
            ConditionPlan condition => new ConditionParts(condition.When),
            WindowPlan { When: { } when } => new ConditionParts(when),
            _ => null,
        };
        var watched = rule.Detector is PatternPlan pattern ? PatternWhy.Watched(pattern) : parts?.All ?? [];
        var recording = KeyRecording.Run(plan, rule, key, watched, inputs);
        var events = recording.Events.Where(e => atMs is null || e.AtMs <= atMs).ToList();
        if (events.Count == 0)
        {
            text.Add("fired", "no");
            text.Add("because", $"no event of this key{Until(atMs)} passed the rule's filters");
            return text.ToString();
        }

        var fired = recording.Alerts.Where(a => atMs is null || a.AtMs <= atMs).ToList();
        Answer(text, rule, fired, atMs, events[^1].AtMs);
        switch (rule.Detector)
        {
            case PatternPlan steps:
                var match = IsAnswered(fired, atMs, events[^1]) ? fired[^1] : null;
                PatternWhy.Add(text, plan, rule, steps, events, watched, match, fired);
                break;
            case SilencePlan silence:
                Silence(text, silence, events, atMs);
                break;
            default:
                ConditionWhy.Add(text, rule, parts, events, fired, atMs);
                break;
        }

        return text.ToString();
    }

    /// <summary>Whether the last alert is what is asked about.</summary>
    internal static bool IsAnswered(List<Alert> fired, long? atMs, KeyEvent last) =>
        fired.Count > 0 && (atMs is null || fired[^1].AtMs >= last.AtMs);

    private static string Until(long? atMs) => atMs is { } ms ? $" up to {ShownText.Time(ms)}" : "";

    private static void Answer(LabelledLines text, RulePlan rule, List<Alert> fired, long? atMs, long lastMs)
    {
        if (fired.Count == 0)
        {
            text.Add("fired", $"no{Until(atMs)}");
            return;
        }

        var last = fired[^1];
        var times = fired.Count == 1 ? "" : $", the last of {fired.Count} times";
        text.Add("fired", atMs is null || last.AtMs >= lastMs
            ? $"{ShownText.Time(last.AtMs)}{times}: {last.Message}"
            : $"not at {ShownText.Time(atMs.Value)}, but at {ShownText.Time(last.AtMs)}{times}: {last.Message}");
        if (rule.Alert.DedupeMs == 0)
            return;
        var sentMs = long.MinValue;
        foreach (var alert in fired)
            if (sentMs == long.MinValue || alert.AtMs - sentMs >= rule.Alert.DedupeMs)
                sentMs = alert.AtMs;
        if (sentMs != last.AtMs)
            text.Add(
                "", $"held back: `dedupe: {PlanText.DurationOf(rule.Alert.DedupeMs)}` since {ShownText.Time(sentMs)}");
    }

    private static void Silence(LabelledLines text, SilencePlan silence, List<KeyEvent> events, long? atMs)
    {
        var (longest, from) = (-1L, events[^1].AtMs);
        for (var i = 1; i < events.Count; i++)
            if (events[i].AtMs - events[i - 1].AtMs >= longest)
                (longest, from) = (events[i].AtMs - events[i - 1].AtMs, events[i - 1].AtMs);
        text.Add("silent", PlanText.DurationOf(silence.SilentMs));
        if (longest >= 0)
            text.Add(
                "longest",
                $"{PlanText.DurationOf(longest)} without an event, from {ShownText.Time(from)} to "
                + ShownText.Time(from + longest));
        text.Add("last", $"{ShownText.TimeAndEvent(events[^1])}");
        if (atMs is { } at)
            text.Add("", $"{PlanText.DurationOf(at - events[^1].AtMs)} before the time asked for");
    }
}
