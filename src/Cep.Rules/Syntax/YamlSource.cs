using Cep.Rules.Diagnostics;

namespace Cep.Rules.Syntax;

/// <summary>A file's text with its lines, to turn places into offsets and back.</summary>
internal sealed class YamlSource
{
    private readonly List<int> _lineStarts = [0];

    public YamlSource(string path, string text)
    {
        Path = path;
        Text = text;
        for (var i = text.IndexOf('\n'); i >= 0; i = text.IndexOf('\n', i + 1))
            _lineStarts.Add(i + 1);
    }

    public string Path { get; }

    public string Text { get; }

    public int OffsetOf(int line, int column) =>
        line < 1 || line > _lineStarts.Count ? Text.Length : Math.Min(Text.Length, _lineStarts[line - 1] + column - 1);

    /// <summary>The place of [start, end), cut at the end of its first line.</summary>
    public Span SpanOf(int start, int end)
    {
        var line = _lineStarts.BinarySearch(start);
        if (line < 0)
            line = ~line - 1;
        var lineEnd = line + 1 < _lineStarts.Count ? _lineStarts[line + 1] - 1 : Text.Length;
        if (lineEnd > start && Text[lineEnd - 1] == '\r')
            lineEnd--;
        return new Span(line + 1, start - _lineStarts[line] + 1, Math.Max(1, Math.Min(end, lineEnd) - start));
    }
}
