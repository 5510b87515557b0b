using Cep.Events;

namespace Cep.Rules.Syntax;

internal enum TokenKind : byte
{
    End,
    Name,
    Literal,
    Symbol,
}

/// <summary>
/// A token of an expression. <see cref="Text"/> is a name or a symbol, <see cref="Value"/> that of a literal.
/// </summary>
internal readonly record struct Token(TokenKind Kind, TextSpan Span, string Text, object? Value = null,
    DataType Type = DataType.Null)
{
    public bool Is(string text) => Kind is TokenKind.Name or TokenKind.Symbol && Text == text;

    public string Describe(string source) => Kind switch
    {
        TokenKind.End => "the end",
        _ => $"'{source[Span.Start..Span.End]}'",
    };
}
