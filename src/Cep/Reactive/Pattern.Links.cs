using System.Linq.Expressions;
using System.Text.RegularExpressions;
using Cep.Plans;

namespace Cep.Reactive;

/// <summary>
/// Events in order, per key. Immutable: each method gives a new pattern. What quantifiers, <c>Until</c> and
/// <c>Joined</c> say is said of the last element, which is a step or a group.
/// </summary>
/// <remarks>
/// Links take a time range: <c>after</c> passes over what comes too early, <c>within</c> is the latest time, both since
/// the event taken before and inclusive. They are whole milliseconds.
/// </remarks>
/// <typeparam name="T">The type of the events.</typeparam>
public sealed partial class Pattern<T>
{
    private readonly IReadOnlyList<LinkedElement> _items;

    private Pattern(IReadOnlyList<LinkedElement> items, PatternSettings settings) =>
        (_items, Settings) = (items, settings);

    internal PatternSettings Settings { get; }

    internal PatternElement Element => _items.Count == 1 ? _items[0].Element : new SequenceElement(_items);

    private PatternElement Last => _items[^1].Element;

    /// <summary>Directly followed by: no other event of the key lies between.</summary>
    /// <exception cref="ArgumentException">The name or the times are none.</exception>
    public Pattern<T> Next(
        string step, Expression<Func<T, bool>>? condition = null, TimeSpan after = default, TimeSpan? within = null) =>
        Add(LinkKind.Directly, after, within, Step(step, condition));

    /// <inheritdoc cref="Next(string, Expression{Func{T, bool}}?, TimeSpan, TimeSpan?)"/>
    public Pattern<T> Next(
        string step, Expression<Func<T, Steps<T>, bool>> condition, TimeSpan after = default,
        TimeSpan? within = null) => Add(LinkKind.Directly, after, within, Step(step, condition));

    /// <inheritdoc cref="Next(string, Expression{Func{T, bool}}?, TimeSpan, TimeSpan?)"/>
    public Pattern<T> Next(Pattern<T> group, TimeSpan after = default, TimeSpan? within = null) =>
        Add(LinkKind.Directly, after, within, Group(group, nameof(group)));

    /// <summary>Followed by the next event that fits; others may lie between.</summary>
    /// <exception cref="ArgumentException">The name or the times are none.</exception>
    public Pattern<T> FollowedBy(
        string step, Expression<Func<T, bool>>? condition = null, TimeSpan after = default, TimeSpan? within = null) =>
        Add(LinkKind.Next, after, within, Step(step, condition));

    /// <inheritdoc cref="FollowedBy(string, Expression{Func{T, bool}}?, TimeSpan, TimeSpan?)"/>
    public Pattern<T> FollowedBy(
        string step, Expression<Func<T, Steps<T>, bool>> condition, TimeSpan after = default,
        TimeSpan? within = null) => Add(LinkKind.Next, after, within, Step(step, condition));

    /// <inheritdoc cref="FollowedBy(string, Expression{Func{T, bool}}?, TimeSpan, TimeSpan?)"/>
    public Pattern<T> FollowedBy(Pattern<T> group, TimeSpan after = default, TimeSpan? within = null) =>
        Add(LinkKind.Next, after, within, Group(group, nameof(group)));

    /// <summary>Followed by any later event that fits: each is tried.</summary>
    /// <exception cref="ArgumentException">The name or the times are none.</exception>
    public Pattern<T> FollowedByAny(
        string step, Expression<Func<T, bool>>? condition = null, TimeSpan after = default, TimeSpan? within = null) =>
        Add(LinkKind.Any, after, within, Step(step, condition));

    /// <inheritdoc cref="FollowedByAny(string, Expression{Func{T, bool}}?, TimeSpan, TimeSpan?)"/>
    public Pattern<T> FollowedByAny(
        string step, Expression<Func<T, Steps<T>, bool>> condition, TimeSpan after = default,
        TimeSpan? within = null) => Add(LinkKind.Any, after, within, Step(step, condition));

    /// <inheritdoc cref="FollowedByAny(string, Expression{Func{T, bool}}?, TimeSpan, TimeSpan?)"/>
    public Pattern<T> FollowedByAny(Pattern<T> group, TimeSpan after = default, TimeSpan? within = null) =>
        Add(LinkKind.Any, after, within, Group(group, nameof(group)));

    /// <summary>Not directly followed by: the next event of the key is none of these.</summary>
    /// <exception cref="ArgumentException">The name or the times are none, or it is more than steps.</exception>
    public Pattern<T> NotNext(
        string step, Expression<Func<T, bool>>? condition = null, TimeSpan after = default, TimeSpan? within = null) =>
        Add(LinkKind.Directly, after, within, new NegationElement([Step(step, condition)]));

    /// <inheritdoc cref="NotNext(string, Expression{Func{T, bool}}?, TimeSpan, TimeSpan?)"/>
    public Pattern<T> NotNext(
        string step, Expression<Func<T, Steps<T>, bool>> condition, TimeSpan after = default,
        TimeSpan? within = null) =>
        Add(LinkKind.Directly, after, within, new NegationElement([Step(step, condition)]));

    /// <inheritdoc cref="NotNext(string, Expression{Func{T, bool}}?, TimeSpan, TimeSpan?)"/>
    public Pattern<T> NotNext(Pattern<T> steps, TimeSpan after = default, TimeSpan? within = null) =>
        Add(LinkKind.Directly, after, within, Negation(steps));

    /// <summary>
    /// Not followed by, up to the next event that is taken. Written last it is an absence, detected at the deadline:
    /// the link's time, or within of the whole pattern.
    /// </summary>
    /// <exception cref="ArgumentException">The name or the times are none, or it is more than steps.</exception>
    public Pattern<T> NotFollowedBy(
        string step, Expression<Func<T, bool>>? condition = null, TimeSpan after = default, TimeSpan? within = null) =>
        Add(LinkKind.Next, after, within, new NegationElement([Step(step, condition)]));

    /// <inheritdoc cref="NotFollowedBy(string, Expression{Func{T, bool}}?, TimeSpan, TimeSpan?)"/>
    public Pattern<T> NotFollowedBy(
        string step, Expression<Func<T, Steps<T>, bool>> condition, TimeSpan after = default,
        TimeSpan? within = null) => Add(LinkKind.Next, after, within, new NegationElement([Step(step, condition)]));

    /// <inheritdoc cref="NotFollowedBy(string, Expression{Func{T, bool}}?, TimeSpan, TimeSpan?)"/>
    public Pattern<T> NotFollowedBy(Pattern<T> steps, TimeSpan after = default, TimeSpan? within = null) =>
        Add(LinkKind.Next, after, within, Negation(steps));

    internal static Pattern<T> Of(PatternElement element) =>
        new([new LinkedElement(PatternLink.Next, element)], new PatternSettings());

    internal static StepElement Step(string name, LambdaExpression? condition)
    {
        ArgumentNullException.ThrowIfNull(name);
        return StepName().IsMatch(name)
            ? new StepElement(name, condition)
            : throw new ArgumentException(
                $"'{name}' is no name of a step: names are made of a-z, 0-9 and _, and begin with no digit.",
                nameof(name));
    }

    internal static GroupElement Group(Pattern<T> pattern, string parameter)
    {
        ArgumentNullException.ThrowIfNull(pattern, parameter);
        return pattern.Settings == new PatternSettings()
            ? new GroupElement(pattern.Element)
            : throw new ArgumentException(
                "Within, Matches, Report, AfterMatch and OnTimeout are for the whole pattern, not for a group in it.",
                parameter);
    }

    internal static NegationElement Negation(Pattern<T> pattern)
    {
        var inner = Group(pattern, nameof(pattern)).Inner;
        List<PatternElement> steps =
            inner is AlternativesElement either ? [.. either.Members.Select(m => m.Inner)] : [inner];
        return steps.All(s => s is StepElement)
            ? new NegationElement([.. steps.Cast<StepElement>()])
            : throw new ArgumentException("Only a step, or steps joined by Or, can be negated.", nameof(pattern));
    }

    [GeneratedRegex("^[a-z_][a-z0-9_]*$(?<!\n)", RegexOptions.CultureInvariant)]
    private static partial Regex StepName();

    private static PatternLink Link(LinkKind kind, TimeSpan after, TimeSpan? within)
    {
        var from = ColumnTypes.NotNegative(after, nameof(after));
        var to = within is { } latest ? ColumnTypes.NotNegative(latest, nameof(within)) : long.MaxValue;
        return from <= to
            ? new PatternLink(kind, from, to)
            : throw new ArgumentException("This range ends before it starts.", nameof(within));
    }

    private Pattern<T> Add(LinkKind kind, TimeSpan after, TimeSpan? within, PatternElement element) =>
        new([.. _items, new LinkedElement(Link(kind, after, within), element)], Settings);
}
