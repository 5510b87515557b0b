using Cep.Plans;

namespace Cep.Reactive;

/// <summary>Says what does not go together in a pattern, as the compiler of rules does.</summary>
internal sealed class PatternCheck
{
    private readonly bool _isBounded;

    private PatternCheck(bool isBounded) => _isBounded = isBounded;

    /// <summary>Where an element stands.</summary>
    /// <param name="After">The link behind it.</param>
    /// <param name="IsFirst">Only negations come before it.</param>
    /// <param name="IsLast">Nothing comes after it.</param>
    private readonly record struct Place(PatternLink? After, bool IsFirst, bool IsLast);

    /// <exception cref="ArgumentException">Something does not; the message says what to do.</exception>
    public static void Check(PatternElement root, PatternSettings settings)
    {
        if (!TakesEvents(root))
            throw Problem("A match takes at least one event, but this pattern only says what must not come.");
        new PatternCheck(settings.WithinMs > 0).Check(root, new Place(null, IsFirst: true, IsLast: true));
        if (settings.Matches == PatternMatches.Latest && !Items(root.Inner).All(SuitsLatest))
            throw Problem("Matches(Latest) takes steps, Times(n), alternatives of steps and negations only.");
    }

    public static bool TakesEvents(PatternElement element) => element switch
    {
        StepElement => true,
        NegationElement => false,
        SequenceElement sequence => sequence.Items.Any(i => TakesEvents(i.Element)),
        AlternativesElement either => either.Members.Any(TakesEvents),
        AnyOrderElement all => all.Members.Any(TakesEvents),
        LoopElement loop => TakesEvents(loop.Body),
        _ => TakesEvents(element.Inner),
    };

    private void Check(PatternElement element, Place place)
    {
        switch (element.Inner)
        {
            case SequenceElement sequence:
                CheckItems(sequence.Items, place);
                break;
            case AlternativesElement either:
                CheckAll(either.Members, place);
                break;
            case AnyOrderElement all:
                CheckAll(all.Members, place);
                break;
            case LoopElement loop:
                Check(loop.Body, place);
                break;
            case NegationElement:
                CheckNegation(null, place);
                break;
        }
    }

    private void CheckAll(IEnumerable<PatternElement> members, Place place)
    {
        foreach (var member in members)
            Check(member, place);
    }

    private void CheckItems(IReadOnlyList<LinkedElement> items, Place place)
    {
        for (var i = 0; i < items.Count; i++)
        {
            var isLast = i == items.Count - 1;
            var at = new Place(
                isLast ? place.After : items[i + 1].Link,
                place.IsFirst && items.Take(i).All(p => p.Element is NegationElement),
                place.IsLast && isLast);
            if (items[i].Element is NegationElement)
                CheckNegation(i == 0 ? null : items[i].Link, at);
            else
                Check(items[i].Element, at);
        }
    }

    private void CheckNegation(PatternLink? before, Place place)
    {
        if (_isBounded)
            return;
        if (place.IsFirst)
        {
            if (!Ends(place.After))
                throw Problem(
                    "It is not said how long before the match this must not have come. Give the link after it a time, "
                    + "as in BeginNot(\"b\").FollowedBy(\"a\", within: …), or the pattern Within(…).");
        }
        else if (place.IsLast && !Ends(before))
        {
            throw Problem(
                "It is not said until when this must not come. Give the link in front of it a time, as in "
                + "NotFollowedBy(\"b\", within: …), or the pattern Within(…).");
        }
    }

    private static bool Ends(PatternLink? link) =>
        link is { Kind: LinkKind.Directly } or { ToMs: < long.MaxValue };

    private static IEnumerable<PatternElement> Items(PatternElement root) =>
        root is SequenceElement sequence ? sequence.Items.Select(i => i.Element) : [root];

    private static bool SuitsLatest(PatternElement element) => element switch
    {
        NegationElement => true,
        LoopElement loop => loop.Min == loop.Max && SuitsLatest(loop.Body),
        _ when element.Inner is AlternativesElement either => either.Members.All(m => m.Inner is StepElement),
        _ => element.Inner is StepElement,
    };

    private static ArgumentException Problem(string message) => new(message, "pattern");
}
