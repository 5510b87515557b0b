using System.Globalization;
using Cep.Events;

namespace Cep.Rules.Syntax;

/// <summary>Cuts an expression into tokens, one at a time.</summary>
internal sealed class Lexer(string text, int position)
{
    private static readonly string[] s_symbols =
    [
        "==", "!=", "<=", ">=", "??", "<", ">", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",", ".", ":", "}", "{",
    ];

    private int _position = position;

    /// <summary>What is wrong with the text, once something is.</summary>
    public (TextSpan Span, string Message, string? Hint)? Problem { get; private set; }

    public Token Next()
    {
        while (_position < text.Length && char.IsWhiteSpace(text[_position]))
            _position++;
        if (_position >= text.Length)
            return End();
        var c = text[_position];
        if (char.IsAsciiLetter(c) || c == '_')
            return Name();
        if (char.IsAsciiDigit(c))
            return Number();
        return c is '\'' or '"' ? Text(c) : Symbol();
    }

    private Token End() => new(TokenKind.End, new TextSpan(text.Length, text.Length), "");

    private Token Fail(int start, int end, string message, string? hint = null)
    {
        Problem ??= (new TextSpan(start, end), message, hint);
        _position = text.Length;
        return End();
    }

    private Token Name()
    {
        var start = _position;
        while (_position < text.Length && (char.IsAsciiLetterOrDigit(text[_position]) || text[_position] == '_'))
            _position++;
        var name = text[start.._position];
        var span = new TextSpan(start, _position);
        return name switch
        {
            "true" => new Token(TokenKind.Literal, span, name, true, DataType.Bool),
            "false" => new Token(TokenKind.Literal, span, name, false, DataType.Bool),
            "null" => new Token(TokenKind.Literal, span, name),
            _ => new Token(TokenKind.Name, span, name),
        };
    }

    private Token Number()
    {
        var start = _position;
        var duration = DurationText.Scan(text.AsSpan(start), out var milliseconds);
        if (duration > 0)
            return Literal(start, start + duration, milliseconds, DataType.Duration);
        var end = Digits(start);
        var isInteger = true;
        if (end + 1 < text.Length && text[end] == '.' && char.IsAsciiDigit(text[end + 1]))
        {
            end = Digits(end + 1);
            isInteger = false;
        }

        if (Exponent(end) is var exponent && exponent > end)
        {
            end = exponent;
            isInteger = false;
        }

        if (end < text.Length && (char.IsAsciiLetter(text[end]) || text[end] == '_'))
            return BadUnit(start, end);
        var digits = text.AsSpan(start, end - start);
        if (isInteger)
            return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var integer)
                ? Literal(start, end, integer, DataType.Integer)
                : Fail(start, end, "This integer does not fit 64 bits.");
        var number = double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(number)
            ? Literal(start, end, number, DataType.Number)
            : Fail(start, end, "This number is too large.");
    }

    private Token BadUnit(int start, int end)
    {
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
            end++;
        return Fail(start, end, $"'{text[start..end]}' is neither a number nor a duration.",
            $"the units of durations are {DurationText.Units}, as in 1h30m");
    }

    private Token Literal(int start, int end, object value, DataType type)
    {
        _position = end;
        return new Token(TokenKind.Literal, new TextSpan(start, end), "", value, type);
    }

    private int Digits(int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        return at;
    }

    private int Exponent(int at)
    {
        if (at >= text.Length || text[at] is not ('e' or 'E'))
            return at;
        var digits = at + 1 < text.Length && text[at + 1] is '+' or '-' ? at + 2 : at + 1;
        return Digits(digits) is var end && end > digits ? end : at;
    }

    private Token Text(char quote)
    {
        var start = _position;
        var content = new System.Text.StringBuilder();
        for (var at = start + 1; at < text.Length; at++)
        {
            if (text[at] != quote)
                content.Append(text[at]);
            else if (at + 1 < text.Length && text[at + 1] == quote)
                content.Append(text[at++]);
            else
                return Literal(start, at + 1, content.ToString(), DataType.String);
        }

        return Fail(start, text.Length, $"This text has no closing {quote}.");
    }

    private Token Symbol()
    {
        foreach (var symbol in s_symbols)
        {
            if (string.CompareOrdinal(text, _position, symbol, 0, symbol.Length) != 0)
                continue;
            var start = _position;
            _position += symbol.Length;
            return new Token(TokenKind.Symbol, new TextSpan(start, _position), symbol);
        }

        var c = text[_position];
        var twice = _position + 1 < text.Length && text[_position + 1] == c;
        var hint = c switch
        {
            '=' => "equality is ==",
            '&' when twice => "write and",
            '|' when twice => "write or",
            '!' => "write not",
            '?' => "write if(condition, a, b)",
            _ => null,
        };
        var length = hint is not null && twice ? 2 : char.IsHighSurrogate(c) && _position + 1 < text.Length ? 2 : 1;
        return Fail(_position, _position + length,
            $"'{text.Substring(_position, length)}' means nothing in an expression.", hint);
    }
}
