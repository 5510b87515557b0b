using System.Globalization;
using Cep.Events;
using Cep.Plans;

namespace Cep.Detection.Patterns;

/// <summary>A pattern in the words of the rule language.</summary>
public static partial class PatternText
{
    /// <summary>The pattern as a rule would write it.</summary>
    public static string Of(PatternPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return Of(plan, plan.Root, isInner: false);
    }

    /// <summary>A link with its time range.</summary>
    internal static string Of(PatternLink link)
    {
        var sign = link.Kind switch { LinkKind.Directly => ">", LinkKind.Next => "->", _ => "->>" };
        if (!link.IsTimed)
            return sign;
        var to = link.ToMs == long.MaxValue ? "" : DurationText.Format(link.ToMs);
        return link.FromMs == 0 ? $"{sign}[{to}]" : $"{sign}[{DurationText.Format(link.FromMs)}..{to}]";
    }

    private static string Of(PatternPlan plan, PatternNode node, bool isInner) => node switch
    {
        StepNode step => plan.Steps[step.Step].Name,
        SequenceNode sequence =>
            Group(isInner && sequence.Items.Count > 1, string.Concat(sequence.Items.Select((item, i) =>
            (i == 0 ? "" : $" {Of(item.Link)} ") + Of(plan, item.Node, sequence.Items.Count > 1 || isInner)))),
        AlternativesNode either => Group(isInner, Joined(plan, either.Members, " | ")),
        AnyOrderNode { Link: { } link } all => $"({Of(link)} {Joined(plan, all.Members, " & ")})",
        AnyOrderNode all => Group(isInner, Joined(plan, all.Members, " & ")),
        LoopNode { Link: { } link } loop => $"({Of(link)} {Of(plan, loop.Body, isInner: false)}){Quantifier(loop)}",
        LoopNode loop => Of(plan, loop.Body, isInner: true) + Quantifier(loop),
        AbsentNode { Steps: [var only] } => $"!{plan.Steps[only].Name}",
        AbsentNode absent => $"!({string.Join(" | ", absent.Steps.Select(s => plan.Steps[s].Name))})",
        _ => throw new ArgumentException($"'{node.GetType().Name}' is no part of a pattern."),
    };

    private static string Joined(PatternPlan plan, IEnumerable<PatternNode> members, string sign) =>
        string.Join(sign, members.Select(m => Of(plan, m, isInner: true)));

    private static string Group(bool isGroup, string text) => isGroup ? $"({text})" : text;

    private static string Quantifier(LoopNode loop)
    {
        var mode = loop.Mode switch { LoopMode.Reluctant => "?", LoopMode.Possessive => "+", _ => "" };
        var count = (loop.Min, loop.Max) switch
        {
            (0, 1) => "?",
            (0, int.MaxValue) => "*",
            (1, int.MaxValue) => "+",
            (_, int.MaxValue) => string.Create(CultureInfo.InvariantCulture, $"{{{loop.Min},}}"),
            _ when loop.Min == loop.Max => string.Create(CultureInfo.InvariantCulture, $"{{{loop.Min}}}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{{{loop.Min},{loop.Max}}}"),
        };
        return count + mode;
    }
}
