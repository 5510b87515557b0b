using System.Text;
using Cep.Rules.Diagnostics;

namespace Cep.Rules.Syntax;

/// <summary>
/// Reads texts with <c>{expression}</c> and <c>{expression:format}</c>; <c>{{</c> and <c>}}</c> are braces.
/// </summary>
internal sealed class TemplateParser(YamlScalar source, DiagnosticBag diagnostics)
{
    private readonly string _text = source.Value;
    private readonly List<TemplatePartSyntax> _parts = [];
    private readonly StringBuilder _literal = new();

    public TemplateSyntax Parse()
    {
        for (var at = 0; at < _text.Length;)
        {
            var c = _text[at];
            if (c is '{' or '}' && at + 1 < _text.Length && _text[at + 1] == c)
            {
                _literal.Append(c);
                at += 2;
            }
            else if (c == '{')
            {
                at = Value(at + 1);
            }
            else if (c == '}')
            {
                at = Fail(new TextSpan(at, at + 1), "A '}' stands alone.", "write }} for a brace");
            }
            else
            {
                _literal.Append(c);
                at++;
            }
        }

        Flush();
        return new TemplateSyntax(source, _parts);
    }

    /// <returns>Where the text goes on.</returns>
    private int Value(int start)
    {
        var parser = new ExpressionParser(_text, start);
        var value = parser.Parse();
        if (parser.Problem is { } problem)
            return Fail(problem.Span, problem.Message, problem.Hint
                ?? (_text.IndexOf('}', start) < 0 ? "write {{ for a brace" : null));
        var end = parser.Current.Span;
        string? format = null;
        var formatSpan = new TextSpan(end.End, end.End);
        if (parser.Current.Is(":"))
        {
            var close = _text.IndexOf('}', end.End);
            formatSpan = new TextSpan(end.End, close < 0 ? _text.Length : close);
            format = _text[formatSpan.Start..formatSpan.End];
            end = new TextSpan(formatSpan.End, formatSpan.End + 1);
        }

        if (end.Start >= _text.Length || _text[end.Start] != '}')
            return Fail(end, $"Expected '}}', found {parser.Current.Describe(_text)}.", "write {{ for a brace");
        Flush();
        _parts.Add(new TemplatePartSyntax(null, value, format, formatSpan));
        return end.Start + 1;
    }

    private void Flush()
    {
        if (_literal.Length == 0)
            return;
        _parts.Add(new TemplatePartSyntax(_literal.ToString(), null, null, default));
        _literal.Clear();
    }

    private int Fail(TextSpan span, string message, string? hint)
    {
        diagnostics.Error(DiagnosticIds.ExpressionSyntax, source.Source, source.At(span.Start, span.Length), message,
            hint);
        return _text.Length;
    }
}
