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
        var label = "automaton";
        foreach (var line in PatternText.Explain(pattern).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            text.Add(label, line);
            label = "";
        }

        if (!PatternLimits.IsBounded(pattern))
            text.Add(
                "warning",
                "nothing ends an open match: without `within` each is kept for ever; add `within: 10m`, or give the "
                + "links times, as in `a ->[30s] b`");
    }

    public static ExprText Exprs(PatternPlan pattern) => new([.. pattern.Steps.Select(s => s.Name)], []);

    /// <summary>The event that an option of a partial match waits for.</summary>
    public static string OptionText(PatternPlan pattern, PatternOption option)
    {
        var negations = string.Concat(option.Negations.Select(n => NegationText(pattern, n)));
        return $"{PatternText.Of(option.Link)} {pattern.Steps[option.Step].Name}{negations}";
    }

    private static string NegationText(PatternPlan pattern, Negation negation)
    {
        var times = negation.Before.IsTimed ? $" {PatternText.Of(negation.Before)}" : "";
        return $",{times} no {string.Join(" and no ", negation.Steps.Select(s => pattern.Steps[s].Name))}";
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
}
