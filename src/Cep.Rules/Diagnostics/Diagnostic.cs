namespace Cep.Rules.Diagnostics;

public enum DiagnosticSeverity : byte
{
    /// <summary>What it points to does not run.</summary>
    Error,

    /// <summary>It runs, but probably not as meant.</summary>
    Warning,
}

/// <summary>A problem of a rule file.</summary>
/// <param name="Id">The kind of problem: see <see cref="DiagnosticIds"/>.</param>
/// <param name="Severity">Whether it keeps something from running.</param>
/// <param name="Path">The file, as it was named to the compiler.</param>
/// <param name="Span">The place in the file.</param>
/// <param name="Message">One sentence for the author of the rule.</param>
/// <param name="Hint">What to do about it, or null.</param>
public sealed record Diagnostic(
    string Id, DiagnosticSeverity Severity, string Path, Span Span, string Message, string? Hint = null)
{
    /// <summary>The first line of what <see cref="DiagnosticPrinter"/> prints.</summary>
    public override string ToString() =>
        $"{Path}:{Span.Line}:{Span.Column}: {Word} {Id}: {Message}";

    private string Word => Severity == DiagnosticSeverity.Error ? "error" : "warning";
}
