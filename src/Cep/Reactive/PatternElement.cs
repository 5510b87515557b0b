using System.Linq.Expressions;
using Cep.Plans;

namespace Cep.Reactive;

/// <summary>A part of a pattern as it was put together; conditions are not translated yet.</summary>
internal abstract record PatternElement
{
    /// <summary>What parentheses enclose.</summary>
    public PatternElement Inner => this is GroupElement group ? group.Body.Inner : this;

    public IEnumerable<PatternElement> SelfAndParts => Parts.SelectMany(p => p.SelfAndParts).Prepend(this);

    protected virtual IEnumerable<PatternElement> Parts => [];
}

internal sealed record StepElement(string Name, LambdaExpression? Condition) : PatternElement;

/// <summary>An element of a sequence and the link in front of it.</summary>
internal sealed record LinkedElement(PatternLink Link, PatternElement Element);

internal sealed record SequenceElement(IReadOnlyList<LinkedElement> Items) : PatternElement
{
    protected override IEnumerable<PatternElement> Parts => Items.Select(i => i.Element);
}

/// <summary>Parentheses: what they enclose can have a quantifier once more.</summary>
internal sealed record GroupElement(PatternElement Body) : PatternElement
{
    protected override IEnumerable<PatternElement> Parts => [Body];
}

internal sealed record AlternativesElement(IReadOnlyList<PatternElement> Members) : PatternElement
{
    protected override IEnumerable<PatternElement> Parts => Members;
}

internal sealed record AnyOrderElement(IReadOnlyList<PatternElement> Members, PatternLink? Link) : PatternElement
{
    protected override IEnumerable<PatternElement> Parts => Members;
}

internal sealed record LoopElement(PatternElement Body, int Min, int Max) : PatternElement
{
    public LoopMode Mode { get; init; }

    public PatternLink? Link { get; init; }

    public LambdaExpression? Until { get; init; }

    protected override IEnumerable<PatternElement> Parts => [Body];
}

internal sealed record NegationElement(IReadOnlyList<StepElement> Steps) : PatternElement
{
    protected override IEnumerable<PatternElement> Parts => Steps;
}
