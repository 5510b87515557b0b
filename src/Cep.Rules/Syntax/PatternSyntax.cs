using Cep.Plans;

namespace Cep.Rules.Syntax;

/// <summary>A part of a pattern as written. Spans are parts of the scalar that holds it.</summary>
internal abstract record ElementSyntax(TextSpan Span);

internal sealed record StepNameSyntax(string Name, TextSpan Span) : ElementSyntax(Span);

/// <summary>A link, with its time range.</summary>
internal sealed record LinkSyntax(PatternLink Link, TextSpan Span);

/// <summary>Elements one after the other; the first has no link of its own.</summary>
internal sealed record SequenceSyntax(IReadOnlyList<(LinkSyntax? Link, ElementSyntax Element)> Items, TextSpan Span)
    : ElementSyntax(Span);

internal sealed record AlternativesSyntax(IReadOnlyList<ElementSyntax> Members, TextSpan Span) : ElementSyntax(Span);

internal sealed record AnyOrderSyntax(IReadOnlyList<ElementSyntax> Members, TextSpan Span) : ElementSyntax(Span);

/// <summary>Parentheses, with the link they name for their repetitions or members.</summary>
internal sealed record GroupSyntax(LinkSyntax? Link, ElementSyntax Body, TextSpan Span) : ElementSyntax(Span);

/// <param name="Body">What is repeated.</param>
/// <param name="Min">At least so often.</param>
/// <param name="Max">At most so often.</param>
/// <param name="Mode">Which number is preferred.</param>
/// <param name="QuantifierSpan">The place of the quantifier.</param>
internal sealed record LoopSyntax(ElementSyntax Body, int Min, int Max, LoopMode Mode, TextSpan QuantifierSpan,
    TextSpan Span)
    : ElementSyntax(Span);

internal sealed record NegationSyntax(ElementSyntax Body, TextSpan Span) : ElementSyntax(Span);

/// <summary>What a step is: an expression, or a stream of its own and a condition there.</summary>
internal sealed record StepSyntax(string Name, YamlScalar NameSource, YamlScalar? On, ExpressionSyntax? Where,
    ExpressionSyntax? Condition);

/// <summary>
/// <c>pattern</c> and the keys that go with it. <see cref="Root"/> is null where the pattern could not be read.
/// </summary>
internal sealed record PatternSyntax(YamlScalar Source, ElementSyntax? Root) : DetectorSyntax
{
    public IReadOnlyList<StepSyntax> Define { get; init; } = [];

    public IReadOnlyList<NamedSyntax> Until { get; init; } = [];

    public long WithinMs { get; init; }

    public PatternMatches Matches { get; init; }

    public PatternReport Report { get; init; }

    /// <summary>The place of 'report', where it is written.</summary>
    public YamlScalar? ReportSource { get; init; }

    public AfterMatchKind AfterMatch { get; init; }

    /// <summary>The step to which a match skips, as written.</summary>
    public string? AfterMatchStep { get; init; }

    public YamlScalar? AfterMatchSource { get; init; }

    public AlertSyntax? OnTimeout { get; init; }
}
