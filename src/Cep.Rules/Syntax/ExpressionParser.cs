using Cep.Events;

namespace Cep.Rules.Syntax;

/// <summary>
/// Reads expressions by operator precedence, loosest first: or, and, not, comparisons, ??, + -, * / %, unary -,
/// postfix. After a problem it sees nothing but the end, so that it tells the first one only.
/// </summary>
internal sealed class ExpressionParser
{
    private const int OrPower = 1, AndPower = 2, NotPower = 3, ComparePower = 4, CoalescePower = 5, AddPower = 6,
        MultiplyPower = 7,
        UnaryPower = 8;

    private const int MaxDepth = 200;
    private const int MaxChain = 500;

    private readonly string _text;
    private readonly Lexer _lexer;
    private Token _token;
    private Token? _peeked;
    private int _end;
    private int _depth;
    private int _chain;
    private (TextSpan Span, string Message, string? Hint)? _problem;

    public ExpressionParser(string text, int position = 0)
    {
        _text = text;
        _lexer = new Lexer(text, position);
        _end = position;
        _token = _lexer.Next();
    }

    public (TextSpan Span, string Message, string? Hint)? Problem => _lexer.Problem is { } lexical
        && (_problem is null || lexical.Span.Start <= _problem.Value.Span.Start) ? lexical : _problem;

    /// <summary>The token after what was read.</summary>
    public Token Current => _token;

    /// <summary>Reads the whole text as one expression.</summary>
    public ExprSyntax ParseAll()
    {
        var expression = Parse();
        if (_token.Kind != TokenKind.End)
            Unexpected("an operator or the end");
        return Problem is null ? expression : new ErrorSyntax(expression.Span);
    }

    /// <summary>Reads an expression and stops before what cannot belong to it.</summary>
    public ExprSyntax Parse() => Parse(0);

    private ExprSyntax Parse(int power)
    {
        if (++_depth > MaxDepth)
            return Fail(_token.Span, $"Expressions are nested more than {MaxDepth} deep.");
        var left = Prefix();
        while (InfixPower() is var next && next > power)
        {
            if (++_chain > MaxChain)
                return Fail(_token.Span, $"An expression has at most {MaxChain} operators.",
                    "name parts of it with let, or use in [ … ]");
            left = Infix(left, next);
        }

        _depth--;
        return left;
    }

    private int InfixPower() => _token.Kind is TokenKind.End or TokenKind.Literal ? 0 : _token.Text switch
    {
        "or" => OrPower,
        "and" => AndPower,
        "==" or "!=" or "<" or "<=" or ">" or ">=" or "in" or "between" or "is" or "like" or "matches" => ComparePower,
        "not" when Peek().Is("in") => ComparePower,
        "??" => CoalescePower,
        "+" or "-" => AddPower,
        "*" or "/" or "%" => MultiplyPower,
        _ => 0,
    };

    private ExprSyntax Infix(ExprSyntax left, int power)
    {
        var op = Take();
        if (power != ComparePower)
        {
            var operand = Parse(power);
            return new BinarySyntax(op.Text, op.Span, left, operand, Join(left.Span));
        }

        var comparison = Comparison(left, op);
        if (InfixPower() == ComparePower)
            return Fail(_token.Span, "Comparisons cannot be chained.",
                "join them with and, or write x between a and b");
        return comparison;
    }

    private ExprSyntax Comparison(ExprSyntax left, Token op)
    {
        switch (op.Text)
        {
            case "is":
                var negated = Accept("not");
                if (_token is not { Kind: TokenKind.Literal, Text: "null" })
                    return Unexpected("null after is");
                Take();
                return new IsNullSyntax(left, negated, Join(left.Span));
            case "between":
                var low = Parse(ComparePower);
                Expect("and", "and");
                var high = Parse(ComparePower);
                return new BetweenSyntax(left, low, high, Join(left.Span));
            case "in" or "not":
                if (op.Text == "not")
                    Take();
                var list = Parse(ComparePower);
                return new InSyntax(left, list, op.Text == "not", Join(left.Span));
            default:
                var right = Parse(ComparePower);
                return new BinarySyntax(op.Text, op.Span, left, right, Join(left.Span));
        }
    }

    private ExprSyntax Prefix()
    {
        var token = _token;
        if (token.Is("not") || token.Is("-"))
        {
            Take();
            var operand = Parse(token.Text == "not" ? NotPower - 1 : UnaryPower - 1);
            return new UnarySyntax(token.Text, operand, Join(token.Span));
        }

        return Postfix(Primary());
    }

    private ExprSyntax Primary()
    {
        var token = _token;
        if (token.Kind == TokenKind.Literal)
        {
            Take();
            return new LiteralSyntax(token.Value, token.Type, token.Span);
        }

        if (token.Kind == TokenKind.Name && !IsReserved(token.Text))
        {
            Take();
            return _token.Is("(") ? Call(token) : new NameSyntax(token.Text, token.Span);
        }

        if (token.Is("("))
        {
            Take();
            var inner = Parse(0);
            Expect(")", "')'");
            return inner;
        }

        return token.Is("[") ? List() : Unexpected("an expression");
    }

    private ListSyntax List()
    {
        var start = Take().Span;
        var items = Items("]");
        return new ListSyntax(items, Join(start));
    }

    private CallSyntax Call(Token name)
    {
        Take();
        var arguments = Items(")");
        var over = _token.Is("over") ? Range() : null;
        return new CallSyntax(name.Text, name.Span, arguments, over, Join(name.Span));
    }

    private List<ExprSyntax> Items(string close)
    {
        var items = new List<ExprSyntax>();
        if (!_token.Is(close))
        {
            items.Add(Parse(0));
            while (Accept(","))
                items.Add(Parse(0));
        }

        Expect(close, $"',' or '{close}'");
        return items;
    }

    private RangeSyntax? Range()
    {
        var start = Take().Span;
        var prior = Accept("prior");
        var last = !prior && Accept("last");
        var length = _token;
        if (length is not { Kind: TokenKind.Literal, Type: DataType.Duration or DataType.Integer })
        {
            Unexpected("a duration, or last and a number of events,");
            return null;
        }

        Take();
        var rows = length.Type == DataType.Integer;
        if (rows && !prior && !last)
            Fail(length.Span, "A range is a time or a number of events.",
                $"write over last {length.Value}, or a unit as in over {length.Value}s");
        else if (!rows && last)
            Fail(length.Span, "last takes a number of events.",
                $"write over {_text[length.Span.Start..length.Span.End]}");
        else if ((long)length.Value! <= 0)
            Fail(length.Span, "A range must be longer than nothing.");
        return new RangeSyntax(prior, rows, (long)length.Value!, Join(start));
    }

    private ExprSyntax Postfix(ExprSyntax operand)
    {
        while (true)
        {
            if (Accept("."))
            {
                var name = _token;
                if (name.Kind != TokenKind.Name)
                    return Unexpected("a name after '.'");
                Take();
                operand = new MemberSyntax(operand, name.Text, name.Span, Join(operand.Span));
            }
            else if (Accept("["))
            {
                var index = Parse(0);
                Expect("]", "']'");
                operand = new IndexSyntax(operand, index, Join(operand.Span));
            }
            else
            {
                return operand;
            }

            if (++_chain > MaxChain)
                return Fail(_token.Span, $"An expression has at most {MaxChain} operators.");
        }
    }

    internal static bool IsReserved(string name) =>
        name is "or" or "and" or "not" or "in" or "between" or "is" or "like" or "matches" or "true" or "false"
            or "null";

    private Token Take()
    {
        var token = _token;
        _end = token.Span.End;
        _token = _peeked ?? _lexer.Next();
        _peeked = null;
        return token;
    }

    private Token Peek() => _peeked ??= _lexer.Next();

    private bool Accept(string text)
    {
        if (!_token.Is(text))
            return false;
        Take();
        return true;
    }

    private void Expect(string text, string described)
    {
        if (!Accept(text))
            Unexpected(described);
    }

    private TextSpan Join(TextSpan start) => new(start.Start, Math.Max(start.Start, _end));

    private ErrorSyntax Unexpected(string wanted)
    {
        if (_token.Kind == TokenKind.End && string.IsNullOrWhiteSpace(_text))
            return Fail(new TextSpan(0, 0), "An expression is missing.");
        return Fail(_token.Span, $"Expected {wanted}, found {_token.Describe(_text)}.");
    }

    private ErrorSyntax Fail(TextSpan span, string message, string? hint = null)
    {
        _problem ??= (span, message, hint);
        _peeked = null;
        _token = new Token(TokenKind.End, new TextSpan(_text.Length, _text.Length), "");
        return new ErrorSyntax(span);
    }
}
