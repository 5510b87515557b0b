using System.Linq.Expressions;
using Cep.Plans;

namespace Cep.Reactive;

public sealed partial class Pattern<T>
{
    private const int MaxTimes = 20_000;

    /// <summary>The last element so many times.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than once, or more than 20 000 times.</exception>
    /// <exception cref="InvalidOperationException">It is repeated already, or is what must not come.</exception>
    public Pattern<T> Times(int count) => Times(count, count);

    /// <summary>The last element so many times, preferably as often as it can.</summary>
    /// <param name="least">At least so often; may be 0.</param>
    /// <param name="most">At most so often, inclusive.</param>
    /// <exception cref="ArgumentOutOfRangeException">The numbers make no range from 0 to 20 000.</exception>
    /// <exception cref="InvalidOperationException">It is repeated already, or is what must not come.</exception>
    public Pattern<T> Times(int least, int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(least);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, Math.Max(least, 1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(most, MaxTimes);
        return Repeated(least, most);
    }

    /// <summary>The last element so many times or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or more than 20 000 times.</exception>
    /// <exception cref="InvalidOperationException">It is repeated already, or is what must not come.</exception>
    public Pattern<T> AtLeast(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxTimes);
        return Repeated(count, int.MaxValue);
    }

    /// <summary>The last element, or nothing in its place.</summary>
    /// <exception cref="InvalidOperationException">It is repeated already, or is what must not come.</exception>
    public Pattern<T> Optional() => Repeated(0, 1);

    /// <summary>The last element any number of times.</summary>
    /// <exception cref="InvalidOperationException">It is repeated already, or is what must not come.</exception>
    public Pattern<T> ZeroOrMore() => Repeated(0, int.MaxValue);

    /// <summary>The last element once or more.</summary>
    /// <exception cref="InvalidOperationException">It is repeated already, or is what must not come.</exception>
    public Pattern<T> OneOrMore() => Repeated(1, int.MaxValue);

    /// <summary>The loop takes as little as it can.</summary>
    /// <exception cref="InvalidOperationException">The last element is no loop.</exception>
    public Pattern<T> Reluctant() => WithLast(Loop() with { Mode = LoopMode.Reluctant });

    /// <summary>What the loop can take is offered to nothing else.</summary>
    /// <exception cref="InvalidOperationException">The last element is no loop.</exception>
    public Pattern<T> Possessive() => WithLast(Loop() with { Mode = LoopMode.Possessive });

    /// <summary>
    /// The event that satisfies this and all later ones are not taken by the loop, once it has taken its first.
    /// </summary>
    /// <exception cref="InvalidOperationException">The last element is no loop of a step.</exception>
    public Pattern<T> Until(Expression<Func<T, bool>> condition) => Ending(condition);

    /// <inheritdoc cref="Until(Expression{Func{T, bool}})"/>
    public Pattern<T> Until(Expression<Func<T, Steps<T>, bool>> condition) => Ending(condition);

    /// <summary>
    /// How the repetitions of a loop, or the members that come in any order, are joined; by default as the element is
    /// to what comes before it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The last element is neither.</exception>
    /// <exception cref="ArgumentException">The times are none.</exception>
    public Pattern<T> Joined(LinkKind kind, TimeSpan after = default, TimeSpan? within = null)
    {
        var link = Link(kind, after, within);
        return Last.Inner switch
        {
            LoopElement loop when Last is LoopElement => WithLast(loop with { Link = link }),
            AnyOrderElement all => WithLast(new GroupElement(all with { Link = link })),
            _ => throw new InvalidOperationException(
                "Joined is for the repetitions of a loop, or for the members of AnyOrder; the last element is neither. "
                + "Write the link in front of it."),
        };
    }

    private Pattern<T> Repeated(int least, int most) => Last switch
    {
        LoopElement => throw new InvalidOperationException(
            "This element has a quantifier already; put it into a group to repeat it again."),
        NegationElement => throw new InvalidOperationException("What is negated cannot be repeated."),
        var body when !PatternCheck.TakesEvents(body) => throw new InvalidOperationException(
            "What is repeated must be able to take an event."),
        var body => WithLast(new LoopElement(body, least, most)),
    };

    private LoopElement Loop() => Last as LoopElement ?? throw new InvalidOperationException(
        "The last element is not repeated; give it a quantifier first, such as OneOrMore().");

    private Pattern<T> Ending(LambdaExpression condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return Loop() is { Body.Inner: StepElement } loop
            ? WithLast(loop with { Until = condition })
            : throw new InvalidOperationException("Until ends the loop of a step; this one repeats a group.");
    }

    private Pattern<T> WithLast(PatternElement element) =>
        new([.. _items.SkipLast(1), new LinkedElement(_items[^1].Link, element)], Settings);
}
