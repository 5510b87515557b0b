using Cep.Events;

namespace Cep.Rules.Syntax;

/// <summary>An expression as written. Spans are parts of the scalar that holds it.</summary>
internal abstract record ExprSyntax(TextSpan Span);

/// <summary>Stands where an expression could not be read; the problem has been reported.</summary>
internal sealed record ErrorSyntax(TextSpan Span) : ExprSyntax(Span);

internal sealed record LiteralSyntax(object? Value, DataType Type, TextSpan Span) : ExprSyntax(Span);

internal sealed record NameSyntax(string Name, TextSpan Span) : ExprSyntax(Span);

internal sealed record MemberSyntax(ExprSyntax Operand, string Name, TextSpan NameSpan, TextSpan Span)
    : ExprSyntax(Span);

internal sealed record IndexSyntax(ExprSyntax Operand, ExprSyntax Index, TextSpan Span) : ExprSyntax(Span);

/// <summary>A call of a function or an aggregate, with what it ranges over where that is said.</summary>
internal sealed record CallSyntax(
    string Name, TextSpan NameSpan, IReadOnlyList<ExprSyntax> Arguments, RangeSyntax? Over, TextSpan Span)
        : ExprSyntax(Span);

/// <summary>The <c>over …</c> of a moving aggregate: so many milliseconds or rows.</summary>
internal sealed record RangeSyntax(bool Prior, bool Rows, long Length, TextSpan Span);

/// <summary>An operator in front of its operand: <c>not</c> or <c>-</c>.</summary>
internal sealed record UnarySyntax(string Op, ExprSyntax Operand, TextSpan Span) : ExprSyntax(Span);

/// <summary>An operator between two operands; among them <c>like</c> and <c>matches</c>.</summary>
internal sealed record BinarySyntax(string Op, TextSpan OpSpan, ExprSyntax Left, ExprSyntax Right, TextSpan Span)
    : ExprSyntax(Span);

internal sealed record BetweenSyntax(ExprSyntax Operand, ExprSyntax Low, ExprSyntax High, TextSpan Span)
    : ExprSyntax(Span);

internal sealed record InSyntax(ExprSyntax Operand, ExprSyntax List, bool Negated, TextSpan Span) : ExprSyntax(Span);

internal sealed record IsNullSyntax(ExprSyntax Operand, bool Negated, TextSpan Span) : ExprSyntax(Span);

internal sealed record ListSyntax(IReadOnlyList<ExprSyntax> Items, TextSpan Span) : ExprSyntax(Span);
