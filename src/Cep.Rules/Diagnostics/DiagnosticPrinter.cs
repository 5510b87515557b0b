using System.Text;

namespace Cep.Rules.Diagnostics;

/// <summary>Prints a problem with the source line and a caret under the place.</summary>
public static class DiagnosticPrinter
{
    private const int LongestLine = 160;
    private const int ContextBefore = 60;

    /// <summary>
    /// <c>file:line:column: error CEP012: message</c>, the source line (cut around the place where it is long), the
    /// caret line and, where there is one, the hint; each ends with a line feed.
    /// </summary>
    /// <param name="diagnostic">The problem.</param>
    /// <param name="text">The text of its file, or null where it is not at hand: then without line and caret.</param>
    public static string Print(Diagnostic diagnostic, string? text)
    {
        var output = new StringBuilder();
        output.Append(diagnostic).Append('\n');
        if (text is not null && LineOf(text, diagnostic.Span.Line) is { } line)
            AppendLine(output, line, diagnostic.Span);
        if (diagnostic.Hint is not null)
            output.Append("  hint: ").Append(diagnostic.Hint).Append('\n');
        return output.ToString();
    }

    private static void AppendLine(StringBuilder output, string line, Span span)
    {
        var column = Math.Clamp(span.Column - 1, 0, line.Length);
        var from = line.Length > LongestLine && column > ContextBefore ? column - ContextBefore : 0;
        var shown = line.Substring(from, Math.Min(LongestLine, line.Length - from));
        column -= from;
        output.Append("    ").Append(shown.Replace('\t', ' ')).Append('\n');
        output.Append("    ").Append(' ', column)
            .Append('^', Math.Clamp(span.Length, 1, Math.Max(1, shown.Length - column)));
        output.Append('\n');
    }

    private static string? LineOf(string text, int line)
    {
        var start = 0;
        for (var i = 1; i < line; i++)
        {
            start = text.IndexOf('\n', start) + 1;
            if (start == 0)
                return null;
        }

        var end = text.IndexOf('\n', start);
        return text[start..(end < 0 ? text.Length : end)].TrimEnd('\r');
    }
}
