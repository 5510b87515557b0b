using Cep.Alerts;
using Cep.Host.Rules;
using Cep.Plans;

namespace Cep.Host.Explaining;

/// <summary>Why a condition on events or windows held, or did not: the values of its parts.</summary>
internal static class ConditionWhy
{
    public static void Add(
        LabelledLines text, RulePlan rule, ConditionParts? parts, List<KeyEvent> events, List<Alert> fired, long? atMs)
    {
        var shown = Nearest(parts, events, fired, atMs);
        var e = events[shown];
        if (e.Window is { } window)
            text.Add("window", $"{ShownText.Time(window.StartMs)} to {ShownText.Time(window.EndMs)}");
        else
            text.Add(atMs is null && fired.Count == 0 ? "nearest" : "event", ShownText.TimeAndEvent(e));
        if (parts is null)
        {
            text.Add("when", "nothing: every window is reported");
            return;
        }

        var exprs = rule.Detector is WindowPlan selecting
            ? new ExprText([], [.. selecting.Select.Select(s => s.Name)])
            : new ExprText([], []);
        var label = "when";
        foreach (var line in parts.Lines(e.Values, exprs.Text))
        {
            text.Add(label, line);
            label = "";
        }

        if (rule.Detector is ConditionPlan condition)
            AddStates(text, condition, parts, events, shown, atMs);
    }

    /// <summary>The event asked for; else that of the last alert; else the one at which most parts held.</summary>
    private static int Nearest(ConditionParts? parts, List<KeyEvent> events, List<Alert> fired, long? atMs)
    {
        if (atMs is not null || parts is null)
            return events.Count - 1;
        if (fired.Count > 0 && events.FindLastIndex(e => e.AtMs <= fired[^1].AtMs) is >= 0 and var last)
            return last;
        var best = 0;
        for (var i = 1; i < events.Count; i++)
            if (parts.Held(events[i].Values) >= parts.Held(events[best].Values))
                best = i;
        return best;
    }

    private static void AddStates(
        LabelledLines text, ConditionPlan condition, ConditionParts parts, List<KeyEvent> events, int shown, long? atMs)
    {
        bool Holds(int i) => parts.Held(events[i].Values) == parts.Parts.Count;
        if (condition.Rising && shown > 0 && Holds(shown) && Holds(shown - 1))
            text.Add("trigger", $"rising: it held at {ShownText.Time(events[shown - 1].AtMs)} already");
        if (condition.ForMs == 0)
            return;
        var from = shown;
        while (from > 0 && Holds(from) && Holds(from - 1))
            from--;
        var held = (atMs ?? events[shown].AtMs) - events[from].AtMs;
        text.Add("for", $"{PlanText.DurationOf(condition.ForMs)}; " + (Holds(shown)
            ? $"it has held for {PlanText.DurationOf(held)}, since {ShownText.Time(events[from].AtMs)}"
            : "it does not hold here"));
    }
}
