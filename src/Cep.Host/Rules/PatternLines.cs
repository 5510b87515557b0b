using Cep.Detection.Patterns;
using Cep.Plans;

namespace Cep.Host.Rules;

/// <summary>A compiled pattern as text: its steps, and the automaton it became.</summary>
internal static class PatternLines
{
    public static void Add(LabelledLines text, PatternPlan pattern)
    {
        text.Add("pattern", PatternText.Of(pattern));
        var exprs = Exprs(pattern);
        for (var i = 0; i < pattern.Steps.Count; i++)
        {
            var step = pattern.Steps[i];
            var where = step.Where is null ? "" : $" where {exprs.Text(step.Where)}";
            var until = step.Until is null ? "" : $" until {exprs.Text(step.Until)}";
            text.Add("step", $"{step.Name}: {exprs.Text(step.Condition)}{where}{until}");
        }

        text.Add("within", pattern.WithinMs > 0 ? PlanText.DurationOf(pattern.WithinMs) : "no limit");
        text.Add("matches", $"{Word(pattern.Matches)}, reported {Word(pattern.Report)}, then {AfterText(pattern)}");
        var automaton = new PatternAutomaton(pattern);
        for (var i = 0; i < automaton.States.Length; i++)
        {
            text.Add(i == 0 ? "automaton" : "", $"{i} {NameOf(automaton, pattern, i)}");
            foreach (var option in automaton.States[i].Options)
                text.Add("", $"    {OptionText(pattern, option, isStart: i == 0)} => {TargetText(option)}");
        }

        if (!PatternLimits.IsBounded(pattern))
            text.Add(
                "warning",
                "nothing ends an open match: without `within` each is kept for ever; add `within: 10m`, or give the "
                + "links times, as in `a ->[30s] b`");
    }

    /// <summary>The automaton as a Mermaid flow chart.</summary>
    public static string Mermaid(PatternPlan pattern)
    {
        var automaton = new PatternAutomaton(pattern);
        var lines = new List<string> { "flowchart LR" };
        for (var i = 0; i < automaton.States.Length; i++)
            lines.Add($"    s{i}([\"{i} {NameOf(automaton, pattern, i)}\"])");
        lines.Add("    match(((match)))");
        for (var i = 0; i < automaton.States.Length; i++)
            foreach (var option in automaton.States[i].Options)
            {
                var target = option.IsAccept ? "match" : $"s{option.Target}";
                lines.Add($"    s{i} -->|\"{Escaped(OptionText(pattern, option, isStart: i == 0))}\"| {target}");
            }

        return string.Join('\n', lines) + "\n";
    }

    public static ExprText Exprs(PatternPlan pattern) => new([.. pattern.Steps.Select(s => s.Name)], []);

    /// <summary>What the option waits for.</summary>
    public static string OptionText(PatternPlan pattern, PatternOption option, bool isStart)
    {
        var negations = string.Concat(option.Negations.Select(n => NegationText(pattern, n)));
        if (option.IsAccept)
            return negations.Length == 0 ? "complete" : $"time passes{negations}";
        var link = isStart ? "" : $"{PatternText.Of(option.Link)} ";
        return $"{link}{pattern.Steps[option.Step].Name}{negations}";
    }

    private static string NegationText(PatternPlan pattern, Negation negation)
    {
        var times = negation.Before.IsTimed ? $" {PatternText.Of(negation.Before)}" : "";
        return $",{times} no {string.Join(" and no ", negation.Steps.Select(s => pattern.Steps[s].Name))}";
    }

    private static string TargetText(PatternOption option) => option.IsAccept ? "match" : $"{option.Target}";

    private static string NameOf(PatternAutomaton automaton, PatternPlan pattern, int state)
    {
        if (state == 0)
            return "start";
        var steps = automaton.States.SelectMany(s => s.Options).Where(o => o.Target == state)
            .Select(o => pattern.Steps[o.Step].Name).Distinct();
        return $"after {string.Join(" or ", steps)}";
    }

    private static string AfterText(PatternPlan pattern) => pattern.AfterMatch.Kind switch
    {
        AfterMatchKind.SkipToFirst => $"on from the first {pattern.Steps[pattern.AfterMatch.Step].Name}",
        AfterMatchKind.SkipToLast => $"on from the last {pattern.Steps[pattern.AfterMatch.Step].Name}",
        AfterMatchKind.SkipToNext => "on from the event after its first",
        AfterMatchKind.NoSkip => "on as if there had been none",
        _ => "on behind its last event",
    };

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Escaped(string text) =>
        text.Replace("\"", "#quot;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
