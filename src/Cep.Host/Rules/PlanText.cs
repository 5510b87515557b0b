using Cep.Detection.Patterns;
using Cep.Events;
using Cep.Plans;

namespace Cep.Host.Rules;

/// <summary>Compiled rules as text for people.</summary>
public static class PlanText
{
    /// <summary>What the rule reads, what it looks for and what it keeps.</summary>
    public static string Explain(RulePlan rule, EnginePlan plan)
    {
        var text = new LabelledLines();
        text.Add(
            "rule",
            $"{rule.Id} ({rule.Severity.ToString().ToLowerInvariant()}, {rule.Mode.ToString().ToLowerInvariant()})");
        if (rule.Description.Length > 0)
            text.Add("", rule.Description);
        foreach (var input in rule.Inputs)
            text.Add("reads", StreamText(plan.Streams.First(s => s.Schema.Name == input)));
        text.Add(
            "key", rule.By.Count == 0 || rule.By[0].Count == 0 ? "none: one state for all events" : Named(rule.By[0]));
        if (rule.Where is not null)
            text.Add("where", ExprText.Of(rule.Where));
        foreach (var except in rule.Except)
            text.Add("except", $"{ExprText.Of(except.Condition)} ({except.Why})");
        foreach (var let in rule.Let)
            text.Add("let", $"{let.Name} = {ExprText.Of(let.Value)}");
        Detector(text, rule.Detector);
        if (rule.Alert.DedupeMs > 0)
            text.Add("dedupe", $"one alert a key in {DurationOf(rule.Alert.DedupeMs)}");
        if (rule.Emit is not null)
            text.Add("emits", rule.Emit);
        StateLines.Add(text, rule, plan);
        return text.ToString();
    }

    /// <summary>A pattern's automaton as a Mermaid state diagram, or null where the rule is no pattern.</summary>
    public static string? Mermaid(RulePlan rule) =>
        rule.Detector is PatternPlan pattern ? PatternText.Mermaid(pattern) : null;

    internal static string DurationOf(long ms) => DurationText.Format(ms);

    private static string StreamText(StreamPlan stream)
    {
        var schema = stream.Schema;
        var time = schema.TimeField < 0 ? "time of arrival" : $"time {schema.Fields[schema.TimeField].Name}";
        var derived = stream.Derived ? ", derived" : "";
        return $"{schema.Name} ({time}, out of order by up to {DurationOf(stream.OutOfOrderMs)}{derived})";
    }

    private static void Detector(LabelledLines text, DetectorPlan detector)
    {
        switch (detector)
        {
            case ConditionPlan condition:
                Condition(text, condition);
                break;
            case WindowPlan window:
                Window(text, window);
                break;
            case SilencePlan silence:
                text.Add("silent", DurationOf(silence.SilentMs));
                break;
            case PatternPlan pattern:
                PatternLines.Add(text, pattern);
                break;
            default:
                text.Add("detector", detector.ToString() ?? "");
                break;
        }
    }

    private static void Condition(LabelledLines text, ConditionPlan condition)
    {
        text.Add("when", ExprText.Of(condition.When) + (condition.Rising ? " (turns true)" : ""));
        if (condition.ForMs > 0)
            text.Add("for", DurationOf(condition.ForMs));
        if (condition.Resolve is not null)
            text.Add("resolve", ExprText.Of(condition.Resolve));
        if (condition.EveryMs > 0)
            text.Add("every", DurationOf(condition.EveryMs));
    }

    private static void Window(LabelledLines text, WindowPlan window)
    {
        text.Add("window", window.Kind switch
        {
            HoppingWindow w when w.SizeMs == w.StepMs => $"tumbling {DurationOf(w.SizeMs)}",
            HoppingWindow w => $"hopping {DurationOf(w.SizeMs)} every {DurationOf(w.StepMs)}",
            SessionWindow w => $"session gap {DurationOf(w.GapMs)}{(w.MaxMs > 0 ? $" max {DurationOf(w.MaxMs)}" : "")}",
            CountWindow w => $"count {w.Size}",
            CalendarWindow w => $"{w.Unit.ToString().ToLowerInvariant()} in {w.Zone}",
            var other => other.ToString(),
        });
        foreach (var selected in window.Select)
            text.Add("select", $"{selected.Name} = {ExprText.Of(selected.Value)}");
        if (window.When is not null)
            text.Add("when", new ExprText([], [.. window.Select.Select(s => s.Name)]).Text(window.When));
        text.Add("report", window.Report == WindowReport.Every
            ? $"every {DurationOf(window.EveryMs)}"
            : window.Report.ToString().ToLowerInvariant());
        if (window.AllowedLatenessMs > 0)
            text.Add("lateness", DurationOf(window.AllowedLatenessMs));
    }

    private static string Named(IEnumerable<NamedExpr> parts) =>
        string.Join(
            ", ", parts.Select(p => ExprText.Of(p.Value) is var text && text == p.Name ? text : $"{p.Name} = {text}"));
}
