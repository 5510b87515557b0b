using System.Linq.Expressions;

namespace Cep.Reactive;

/// <summary>Begins patterns: events in order, per key.</summary>
public static class Pattern
{
    private const int MaxAnyOrder = 8;

    /// <summary>A pattern of one step.</summary>
    /// <param name="step">Its name, of a-z, 0-9 and _.</param>
    /// <param name="condition">What an event must fit; null: any event, or what the step's other place says.</param>
    /// <exception cref="ArgumentException">The name is none.</exception>
    public static Pattern<T> Begin<T>(string step, Expression<Func<T, bool>>? condition = null) =>
        Pattern<T>.Of(Pattern<T>.Step(step, condition));

    /// <summary>A pattern of one step whose condition looks at the events of steps.</summary>
    /// <param name="step">Its name, of a-z, 0-9 and _.</param>
    /// <param name="condition">What an event must fit.</param>
    /// <exception cref="ArgumentException">The name is none.</exception>
    public static Pattern<T> Begin<T>(string step, Expression<Func<T, Steps<T>, bool>> condition) =>
        Pattern<T>.Of(Pattern<T>.Step(step, condition));

    /// <summary>
    /// A pattern that begins with a group: what is said next of its last element is said of the group.
    /// </summary>
    /// <exception cref="ArgumentException">The group says what only a whole pattern says, such as within.</exception>
    public static Pattern<T> Begin<T>(Pattern<T> group) =>
        Pattern<T>.Of(Pattern<T>.Group(group, nameof(group)));

    /// <summary>
    /// A pattern that begins with what must not have come: for as long as the link after it says, else for as long as
    /// within does.
    /// </summary>
    /// <param name="step">Its name, of a-z, 0-9 and _.</param>
    /// <param name="condition">What an event must fit to be forbidden.</param>
    /// <exception cref="ArgumentException">The name is none.</exception>
    public static Pattern<T> BeginNot<T>(string step, Expression<Func<T, bool>>? condition = null) =>
        BeginNot(Begin(step, condition));

    /// <summary>A pattern that begins with steps (joined by <see cref="Or"/>) none of which must have come.</summary>
    /// <exception cref="ArgumentException">It is more than steps.</exception>
    public static Pattern<T> BeginNot<T>(Pattern<T> steps) =>
        Pattern<T>.Of(Pattern<T>.Negation(steps));

    /// <summary>Either of the members; the first that fits is preferred.</summary>
    /// <exception cref="ArgumentException">
    /// There are not two, or a member says what only a whole pattern says, or what must not come.
    /// </exception>
    public static Pattern<T> Or<T>(params Pattern<T>[] members) =>
        Pattern<T>.Of(new AlternativesElement(Members(members)));

    /// <summary>
    /// All of the members (at most 8), each as a whole, in any order; they are joined as the group is to what comes
    /// before it, or as <see cref="Pattern{T}.Joined"/> says.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// There are not two, or too many, or a member says what only a whole pattern says, or what must not come.
    /// </exception>
    public static Pattern<T> AnyOrder<T>(params Pattern<T>[] members)
    {
        if (members is { Length: > MaxAnyOrder })
            throw new ArgumentException($"At most {MaxAnyOrder} members come in any order.", nameof(members));
        return Pattern<T>.Of(new AnyOrderElement(Members(members), null));
    }

    private static PatternElement[] Members<T>(Pattern<T>[] members)
    {
        ArgumentNullException.ThrowIfNull(members);
        if (members.Length < 2)
            throw new ArgumentException("At least two members are needed.", nameof(members));
        PatternElement[] elements = [.. members.Select(m => Pattern<T>.Group(m, nameof(members)))];
        return elements.All(e => e.Inner is not NegationElement)
            ? elements
            : throw new ArgumentException(
                "A negation stands between elements of a sequence, not beside others of a choice.", nameof(members));
    }
}
