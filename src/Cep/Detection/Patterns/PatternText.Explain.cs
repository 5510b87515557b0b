using System.Globalization;
using System.Text;
using Cep.Events;
using Cep.Plans;

namespace Cep.Detection.Patterns;

public static partial class PatternText
{
    /// <summary>
    /// The states of the pattern and what leads from each to the next, one line each, and what a key costs.
    /// </summary>
    public static string Explain(PatternPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var automaton = new PatternAutomaton(plan);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Of(plan)}\n");
        for (var state = 0; state < automaton.States.Length; state++)
        {
            text.Append(state == 0 ? "start\n" : string.Create(CultureInfo.InvariantCulture, $"state {state}\n"));
            foreach (var option in automaton.States[state].Options)
                text.Append(CultureInfo.InvariantCulture, $"  {Way(plan, option, state == 0)}\n");
        }

        return text.Append(Bound(plan, automaton)).ToString();
    }

    /// <summary>The states as a Mermaid state diagram.</summary>
    public static string Mermaid(PatternPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var states = new PatternAutomaton(plan).States;
        var text = new StringBuilder("stateDiagram-v2\n");
        for (var state = 0; state < states.Length; state++)
        {
            var from = state == 0 ? "[*]" : string.Create(CultureInfo.InvariantCulture, $"s{state}");
            foreach (var option in states[state].Options)
            {
                var to = option.IsAccept ? "[*]" : string.Create(CultureInfo.InvariantCulture, $"s{option.Target}");
                text.Append(CultureInfo.InvariantCulture, $"  {from} --> {to} : {Label(plan, option, state == 0)}\n");
            }
        }

        return text.ToString();
    }

    private static string Way(PatternPlan plan, PatternOption option, bool isStart)
    {
        var label = Label(plan, option, isStart);
        if (option.IsAccept)
            return label;
        var target = string.Create(CultureInfo.InvariantCulture, $"{label}  => state {option.Target}");
        return option.BarredBy == 0 ? target : $"{target}, unless a loop before it can take the event";
    }

    private static string Label(PatternPlan plan, PatternOption option, bool isStart)
    {
        var negations = string.Concat(option.Negations.Select(n =>
            $"{(isStart ? "" : Of(n.Before) + " ")}!{string.Join("|", n.Steps.Select(s => plan.Steps[s].Name))} "));
        if (option.IsAccept)
            return negations.Length == 0 ? "match" : $"{negations}match at the deadline";
        var link = isStart ? "" : Of(option.Link) + " ";
        var until = option.InRun ? " (until)" : "";
        return $"{negations}{link}{plan.Steps[option.Step].Name}{until}";
    }

    private static string Bound(PatternPlan plan, PatternAutomaton automaton)
    {
        var kept = plan.Matches switch
        {
            PatternMatches.Latest =>
                string.Create(CultureInfo.InvariantCulture, $"at most {automaton.States.Length - 1} partial matches"),
            PatternMatches.All =>
                string.Create(CultureInfo.InvariantCulture,
                $"every partial match, at most {PatternDetector.MaxOpenMatches} in all"),
            _ => "the ways of each first event that has no match yet",
        };
        var time = plan.WithinMs > 0 ? $"for {DurationText.Format(plan.WithinMs)}"
            : PatternLimits.IsBounded(plan) ? "as long as the links allow" : "for ever: give the rule 'within'";
        return $"kept per key: {kept}, {time}\n";
    }
}
