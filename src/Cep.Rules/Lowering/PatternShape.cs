using Cep.Plans;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Rules.Lowering;

/// <summary>Turns the elements of a pattern into the nodes of its plan, and says what does not go together.</summary>
internal sealed class PatternShape
{
    private const int MaxMembers = 8;

    private readonly PatternSyntax _pattern;
    private readonly IReadOnlyList<string> _steps;
    private readonly DiagnosticBag _diagnostics;

    /// <param name="pattern">The pattern, which could be read.</param>
    /// <param name="steps">The names of its steps, by index.</param>
    /// <param name="diagnostics">Takes the problems.</param>
    public PatternShape(PatternSyntax pattern, IReadOnlyList<string> steps, DiagnosticBag diagnostics)
    {
        (_pattern, _steps, _diagnostics) = (pattern, steps, diagnostics);
        var errors = diagnostics.ErrorCount;
        Root = Node(pattern.Root!);
        if (diagnostics.ErrorCount > errors)
            return;
        if (!TakesEvents(pattern.Root!))
            Error(pattern.Root!.Span,
                "A match takes at least one event, but this pattern only says what must not come.");
        else
            Check(pattern.Root!, new Place(null, IsFirst: true, IsLast: true, RestIsOptional: true));
        if (pattern.Matches == PatternMatches.Latest)
            CheckLatest(pattern.Root!, isRoot: true);
    }

    public PatternNode Root { get; }

    /// <summary>The names of a pattern's steps, in the order in which they are first named.</summary>
    public static List<(string Name, TextSpan Span)> StepsOf(ElementSyntax element)
    {
        var steps = new List<(string Name, TextSpan Span)>();
        foreach (var step in SelfAndParts(element).OfType<StepNameSyntax>())
            if (!steps.Exists(s => s.Name == step.Name))
                steps.Add((step.Name, step.Span));
        return steps;
    }

    /// <summary>True where the step is repeated by a quantifier of its own.</summary>
    public static bool IsRepeated(ElementSyntax root, string step) =>
        SelfAndParts(root).OfType<LoopSyntax>().Any(l => Inner(l.Body) is StepNameSyntax name && name.Name == step);

    private static IEnumerable<ElementSyntax> SelfAndParts(ElementSyntax element) =>
        Parts(element).SelectMany(SelfAndParts).Prepend(element);

    private static IEnumerable<ElementSyntax> Parts(ElementSyntax element) => element switch
    {
        SequenceSyntax e => e.Items.Select(i => i.Element),
        AlternativesSyntax e => e.Members,
        AnyOrderSyntax e => e.Members,
        GroupSyntax e => [e.Body],
        LoopSyntax e => [e.Body],
        NegationSyntax e => [e.Body],
        _ => [],
    };

    private static ElementSyntax Inner(ElementSyntax element) => element is GroupSyntax group ? Inner(group.Body)
        : element;

    private PatternNode Node(ElementSyntax element)
    {
        switch (element)
        {
            case StepNameSyntax step:
                return new StepNode(IndexOf(step));
            case SequenceSyntax sequence:
                return new SequenceNode([.. sequence.Items.Select(i =>
                    new PatternItem(i.Link?.Link ?? PatternLink.Next, Node(i.Element)))]);
            case AlternativesSyntax either:
                return new AlternativesNode([.. Members(either.Members, '|').Select(Node)]);
            case AnyOrderSyntax all:
                return AnyOrder(all, null);
            case GroupSyntax { Body: AnyOrderSyntax all } group:
                return AnyOrder(all, group.Link?.Link);
            case GroupSyntax group:
                if (group.Link is { } link)
                    Error(link.Span,
                        "A group's own link joins its repetitions, or the members of '&'; this group has neither.",
                        "write the link in front of the group");
                return Node(group.Body);
            case LoopSyntax loop:
                return Loop(loop);
            default:
                return Absent((NegationSyntax)element);
        }
    }

    private LoopNode Loop(LoopSyntax loop)
    {
        var link = (loop.Body as GroupSyntax)?.Link?.Link;
        var body = loop.Body switch
        {
            GroupSyntax { Body: AnyOrderSyntax all } => AnyOrder(all, link),
            GroupSyntax group => Node(group.Body),
            var other => Node(other),
        };
        if (!TakesEvents(loop.Body))
            Error(loop.Body.Span, "What is repeated must be able to take an event.");
        return new LoopNode(body, loop.Min, loop.Max, loop.Mode, link);
    }

    private AnyOrderNode AnyOrder(AnyOrderSyntax all, PatternLink? link)
    {
        if (all.Members.Count > MaxMembers)
            Error(all.Span, $"'&' joins at most {MaxMembers} members.");
        return new AnyOrderNode([.. Members(all.Members, '&').Select(Node)], link);
    }

    private IReadOnlyList<ElementSyntax> Members(IReadOnlyList<ElementSyntax> members, char joint)
    {
        foreach (var member in members)
            if (member is NegationSyntax negation)
                Error(negation.Span, $"A negation stands between elements of a sequence, not beside '{joint}'.");
        return members;
    }

    private AbsentNode Absent(NegationSyntax negation)
    {
        var inner = Inner(negation.Body);
        IReadOnlyList<ElementSyntax> steps = inner is AlternativesSyntax either ? [.. either.Members.Select(Inner)]
            : [inner];
        if (steps.All(s => s is StepNameSyntax) && negation.Body is not GroupSyntax { Link: not null })
            return new AbsentNode([.. steps.Cast<StepNameSyntax>().Select(IndexOf)]);
        Error(negation.Body.Span, "Only a step, or steps joined by '|', can be negated.");
        return new AbsentNode([]);
    }

    private int IndexOf(StepNameSyntax step)
    {
        for (var i = 0; i < _steps.Count; i++)
            if (_steps[i] == step.Name)
                return i;
        return -1;
    }

    private static bool TakesEvents(ElementSyntax element) => element switch
    {
        StepNameSyntax => true,
        NegationSyntax => false,
        _ => Parts(element).Any(TakesEvents),
    };

    private static bool IsOptional(ElementSyntax element) => element switch
    {
        StepNameSyntax => false,
        NegationSyntax => true,
        LoopSyntax loop => loop.Min == 0 || IsOptional(loop.Body),
        AlternativesSyntax either => either.Members.Any(IsOptional),
        _ => Parts(element).All(IsOptional),
    };

    /// <summary>Where an element stands.</summary>
    /// <param name="After">The link behind it.</param>
    /// <param name="IsFirst">Only negations come before it.</param>
    /// <param name="IsLast">Nothing is written after it.</param>
    /// <param name="RestIsOptional">All that is written after it can be left out.</param>
    private readonly record struct Place(LinkSyntax? After, bool IsFirst, bool IsLast, bool RestIsOptional);

    private void Check(ElementSyntax element, Place place)
    {
        switch (element)
        {
            case SequenceSyntax sequence:
                CheckItems(sequence, place);
                break;
            case NegationSyntax negation:
                CheckNegation(negation, null, place);
                break;
            case LoopSyntax { Max: > 1 } loop:
                Check(loop.Body, place with { RestIsOptional = false });
                break;
            default:
                foreach (var part in Parts(element))
                    Check(part, place);
                break;
        }
    }

    private void CheckItems(SequenceSyntax sequence, Place place)
    {
        var items = sequence.Items;
        for (var i = 0; i < items.Count; i++)
        {
            var isLast = i == items.Count - 1;
            var at = new Place(
                isLast ? place.After : items[i + 1].Link,
                place.IsFirst && items.Take(i).All(p => p.Element is NegationSyntax),
                place.IsLast && isLast,
                place.RestIsOptional && items.Skip(i + 1).All(p => IsOptional(p.Element)));
            if (items[i].Element is NegationSyntax negation)
                CheckNegation(negation, items[i].Link, at);
            else
                Check(items[i].Element, at);
        }
    }

    private void CheckNegation(NegationSyntax negation, LinkSyntax? before, Place place)
    {
        var isBounded = _pattern.WithinMs > 0;
        if (place.IsFirst)
        {
            if (!isBounded && place.After?.Link is not ({ Kind: LinkKind.Directly } or { ToMs: < long.MaxValue }))
                Error(negation.Span, "It is not said how long before the match this must not have come.",
                    "give the link after it a time, as in !b ->[3m] a, or the rule 'within'");
        }
        else if (place.IsLast)
        {
            if (!isBounded && before?.Link is not ({ Kind: LinkKind.Directly } or { ToMs: < long.MaxValue }))
                Error(negation.Span, "It is not said until when this must not come.",
                    "give the link in front of it a time, as in a ->[30s] !b, or the rule 'within'");
        }
        else if (place.RestIsOptional)
        {
            var span = negation.Span;
            _diagnostics.Warning(DiagnosticIds.NegationNotAsked, _pattern.Source.Source,
                _pattern.Source.At(span.Start, span.Length),
                "What must not come here is not asked where all that follows is left out.",
                    "only a negation written last waits for a deadline");
        }
    }

    private void CheckLatest(ElementSyntax element, bool isRoot = false)
    {
        switch (element)
        {
            case SequenceSyntax sequence when isRoot:
                foreach (var (_, item) in sequence.Items)
                    CheckLatest(item);
                break;
            case GroupSyntax group when isRoot:
                CheckLatest(group.Body, isRoot: true);
                break;
            case LoopSyntax loop when loop.Min == loop.Max:
                CheckLatest(loop.Body);
                break;
            case StepNameSyntax or NegationSyntax:
                break;
            case GroupSyntax or AlternativesSyntax when IsChoiceOfSteps(element):
                break;
            default:
                Error(element.Span, "'matches: latest' takes steps, {n}, alternatives of steps and negations only.");
                break;
        }
    }

    private static bool IsChoiceOfSteps(ElementSyntax element) => Inner(element) switch
    {
        StepNameSyntax => true,
        AlternativesSyntax either => either.Members.All(m => Inner(m) is StepNameSyntax),
        _ => false,
    };

    private void Error(TextSpan span, string message, string? hint = null) =>
        _diagnostics.Error(DiagnosticIds.InvalidPattern, _pattern.Source.Source,
            _pattern.Source.At(span.Start, span.Length), message, hint);
}
