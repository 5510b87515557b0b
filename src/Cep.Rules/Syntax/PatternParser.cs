using System.Globalization;
using Cep.Events;
using Cep.Plans;
using Cep.Rules.Diagnostics;

namespace Cep.Rules.Syntax;

/// <summary>Reads the text of <c>pattern</c>. It stops at the first problem, which it points at.</summary>
internal sealed class PatternParser
{
    private const int MaxDepth = 100;
    private const int MaxCount = 20_000;

    private readonly string _text;
    private int _at;
    private int _depth;

    private PatternParser(string text) => _text = text;

    /// <summary>The pattern, or null where the text is none (reported).</summary>
    public static ElementSyntax? Parse(YamlScalar source, DiagnosticBag diagnostics)
    {
        var parser = new PatternParser(source.Value);
        try
        {
            var root = parser.Body();
            if (parser._at < parser._text.Length)
                throw parser.Unexpected(parser.Peek() == ')' ? "This ')' has no '('."
                    : $"Expected a link or the end, found {parser.Found()}.");
            return root;
        }
        catch (SyntaxProblem problem)
        {
            diagnostics.Error(DiagnosticIds.PatternSyntax, source.Source,
                source.At(problem.Span.Start, problem.Span.Length), problem.Message, problem.Hint);
            return null;
        }
    }

    private sealed class SyntaxProblem(TextSpan span, string message, string? hint) : Exception(message)
    {
        public TextSpan Span => span;

        public string? Hint => hint;
    }

    private char Peek()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
        return _at < _text.Length ? _text[_at] : '\0';
    }

    private bool Skip(string symbol)
    {
        Peek();
        if (string.CompareOrdinal(_text, _at, symbol, 0, symbol.Length) != 0)
            return false;
        _at += symbol.Length;
        return true;
    }

    private string Found()
    {
        if (Peek() == '\0')
            return "the end";
        var end = _at + 1;
        while (end < _text.Length && char.IsAsciiLetterOrDigit(_text[_at])
            && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] == '_'))
            end++;
        return $"'{_text[_at..end]}'";
    }

    private SyntaxProblem Unexpected(string message, string? hint = null)
    {
        Peek();
        return new SyntaxProblem(new TextSpan(_at, Math.Min(_at + 1, _text.Length)), message, hint);
    }

    /// <summary>Elements joined by links, or by | or by &amp;.</summary>
    private ElementSyntax Body()
    {
        if (++_depth > MaxDepth)
            throw Unexpected($"A pattern has at most {MaxDepth} levels of parentheses.");
        Peek();
        var start = _at;
        var first = Element();
        var items = new List<(LinkSyntax? Link, ElementSyntax Element)> { (null, first) };
        var joint = '\0';
        while (Peek() is not ('\0' or ')'))
        {
            var at = _at;
            var next = _text[_at] is '|' or '&' ? _text[_at] : '>';
            if (joint != '\0' && joint != next)
                throw Mixed(at, joint, next);
            joint = next;
            LinkSyntax? link = null;
            if (next == '>')
                link = Link() ?? new LinkSyntax(new PatternLink(LinkKind.Directly), new TextSpan(at, at));
            else
                _at++;
            items.Add((link, Element()));
        }

        _depth--;
        var span = new TextSpan(start, items[^1].Element.Span.End);
        return joint switch
        {
            '|' => new AlternativesSyntax([.. items.Select(i => i.Element)], span),
            '&' => new AnyOrderSyntax([.. items.Select(i => i.Element)], span),
            '>' => new SequenceSyntax(items, span),
            _ => first,
        };
    }

    private static SyntaxProblem Mixed(int at, char joint, char next)
    {
        var message = joint == '>' || next == '>'
            ? $"'{(joint == '>' ? next : joint)}' stands beside a link: parentheses must say what belongs together."
            : "'|' stands beside '&': parentheses must say what belongs together.";
        var hint = joint == '>' || next == '>' ? "write a -> (b | c), or (a -> b) | c"
            : "write (a | b) & c, or a | (b & c)";
        return new SyntaxProblem(new TextSpan(at, at + 1), message, hint);
    }

    private ElementSyntax Element()
    {
        Peek();
        var start = _at;
        if (Skip("!"))
        {
            var negated = Primary();
            if (Peek() is '?' or '*' or '+' or '{')
                throw Unexpected("What is negated cannot be repeated.");
            return new NegationSyntax(negated, new TextSpan(start, negated.Span.End));
        }

        var element = Primary();
        return Peek() is '?' or '*' or '+' or '{' ? Loop(element) : element;
    }

    private ElementSyntax Primary()
    {
        var c = Peek();
        var start = _at;
        if (c == '(')
        {
            _at++;
            var link = Link();
            var body = Body();
            if (Peek() != ')')
                throw new SyntaxProblem(new TextSpan(start, start + 1), "This '(' has no ')'.", null);
            _at++;
            return new GroupSyntax(link, body, new TextSpan(start, _at));
        }

        if (char.IsAsciiLetterUpper(c))
            throw new SyntaxProblem(new TextSpan(_at, _at + 1), $"Expected the name of a step, found {Found()}.",
                "names are made of a-z, 0-9 and _");
        if (!char.IsAsciiLetterLower(c) && c != '_')
            throw Unexpected($"Expected the name of a step, found {Found()}.", c == '!' ? "one ! negates" : null);
        while (_at < _text.Length && (char.IsAsciiLetterLower(_text[_at]) || char.IsAsciiDigit(_text[_at])
            || _text[_at] == '_'))
            _at++;
        return new StepNameSyntax(_text[start.._at], new TextSpan(start, _at));
    }

    /// <summary>A link, or null where none is written.</summary>
    private LinkSyntax? Link()
    {
        Peek();
        var start = _at;
        LinkKind? kind = Skip("->>") ? LinkKind.Any : Skip("->") ? LinkKind.Next : Skip(">") ? LinkKind.Directly : null;
        if (kind is null)
        {
            if (Peek() is '-' or '[' or '=' or ',' or ';')
                throw Unexpected($"Expected a link, found {Found()}.",
                    "the links are > (directly), -> (the next) and ->> (any)");
            return null;
        }

        var (from, to) = _at < _text.Length && _text[_at] == '[' ? Range() : (0, long.MaxValue);
        return new LinkSyntax(new PatternLink(kind.Value, from, to), new TextSpan(start, _at));
    }

    private (long From, long To) Range()
    {
        const string Forms = "the forms are [30s], [1m..5m], [1m..] and [..5m]";
        var start = _at++;
        var first = Duration();
        var isRange = Skip("..");
        var second = isRange ? Duration() : null;
        if (Peek() != ']' || (first is null && second is null))
            throw Unexpected($"Expected {(isRange ? "a duration or ']'" : "a duration")}, found {Found()}.", Forms);
        _at++;
        var (from, to) = isRange ? (first ?? 0, second ?? long.MaxValue) : (0, first!.Value);
        return from <= to ? (from, to)
            : throw new SyntaxProblem(new TextSpan(start, _at), "This range ends before it starts.", null);
    }

    private long? Duration()
    {
        if (!char.IsAsciiDigit(Peek()))
            return null;
        var end = _at;
        while (end < _text.Length && char.IsAsciiLetterOrDigit(_text[end]))
            end++;
        if (!DurationText.TryParse(_text.AsSpan(_at, end - _at), out var milliseconds))
            throw new SyntaxProblem(new TextSpan(_at, end), $"{Found()} is no duration.",
                $"the units are {DurationText.Units}, as in 1h30m");
        _at = end;
        return milliseconds;
    }

    private LoopSyntax Loop(ElementSyntax body)
    {
        var start = _at;
        var (min, max) = Count();
        var mode = LoopMode.Greedy;
        if (_at < _text.Length && _text[_at] is '?' or '+')
            mode = _text[_at++] == '?' ? LoopMode.Reluctant : LoopMode.Possessive;
        if (Peek() is '?' or '*' or '+' or '{')
            throw Unexpected("This element has a quantifier already.", "put it into parentheses to repeat it again");
        return new LoopSyntax(body, min, max, mode, new TextSpan(start, _at), new TextSpan(body.Span.Start, _at));
    }

    private (int Min, int Max) Count()
    {
        switch (_text[_at++])
        {
            case '?':
                return (0, 1);
            case '*':
                return (0, int.MaxValue);
            case '+':
                return (1, int.MaxValue);
        }

        var start = _at - 1;
        var min = Number();
        var hasComma = Skip(",");
        var max = hasComma ? Number() : min;
        if (Peek() != '}' || (min is null && max is null))
            throw Unexpected($"Expected a number of repetitions, found {Found()}.",
                "the forms are {3}, {2,} and {2,5}");
        _at++;
        var (least, most) = (min ?? 0, max ?? int.MaxValue);
        if (least > most || most == 0)
            throw new SyntaxProblem(new TextSpan(start, _at), most == 0 ? "Nothing is repeated no times."
                : "The smaller number comes first.", null);
        return (least, most);
    }

    private int? Number()
    {
        if (!char.IsAsciiDigit(Peek()))
            return null;
        var start = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
            _at++;
        if (int.TryParse(_text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture,
            out var number) && number <= MaxCount)
            return number;
        throw new SyntaxProblem(new TextSpan(start, _at), $"A pattern has at most {MaxCount} repetitions.", null);
    }
}
