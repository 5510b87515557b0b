using Cep.Expressions;

namespace Cep.Plans;

public enum LinkKind : byte
{
    /// <summary><c>&gt;</c>: no other event of the key lies between.</summary>
    Directly,

    /// <summary><c>-&gt;</c>: the next event that fits.</summary>
    Next,

    /// <summary><c>-&gt;&gt;</c>: every later event that fits is tried.</summary>
    Any,
}

/// <summary>How an element is joined to the event taken before it; times in ms, both ends included.</summary>
public readonly record struct PatternLink(LinkKind Kind, long FromMs = 0, long ToMs = long.MaxValue)
{
    public static readonly PatternLink Next = new(LinkKind.Next);

    /// <summary>True where the link has a time range.</summary>
    public bool IsTimed => FromMs > 0 || ToMs != long.MaxValue;
}

/// <summary>A part of a pattern.</summary>
public abstract record PatternNode;

/// <summary>An event of a step.</summary>
public sealed record StepNode(int Step) : PatternNode;

/// <summary>
/// An element of a sequence and the link in front of it; that of the first element is the sequence's own.
/// </summary>
public sealed record PatternItem(PatternLink Link, PatternNode Node);

/// <summary>One after the other.</summary>
public sealed record SequenceNode(ValueList<PatternItem> Items) : PatternNode;

/// <summary><c>a | b</c>: either, the first that fits preferred.</summary>
public sealed record AlternativesNode(ValueList<PatternNode> Members) : PatternNode;

/// <summary><c>a &amp; b</c>: all, each as a whole, in any order.</summary>
/// <param name="Members">In the order preferred.</param>
/// <param name="Link">Between the members; null: the link in front.</param>
public sealed record AnyOrderNode(ValueList<PatternNode> Members, PatternLink? Link) : PatternNode;

public enum LoopMode : byte
{
    Greedy,
    Reluctant,

    /// <summary>What the loop can take is offered to nothing else.</summary>
    Possessive,
}

/// <param name="Body">What is repeated.</param>
/// <param name="Min">At least so often.</param>
/// <param name="Max">At most so often; <see cref="int.MaxValue"/>: no limit.</param>
/// <param name="Mode">Which number of rounds is preferred.</param>
/// <param name="Link">Between the rounds; null: the link in front.</param>
public sealed record LoopNode(PatternNode Body, int Min, int Max, LoopMode Mode, PatternLink? Link) : PatternNode;

/// <summary><c>!b</c>, <c>!(b | c)</c>: no event of these steps.</summary>
public sealed record AbsentNode(ValueList<int> Steps) : PatternNode;
