using Cep.Rules.Syntax;

namespace Cep.Rules.Diagnostics;

/// <summary>
/// Gathers the problems of one compilation; what is found twice (a default used by many rules) is told once.
/// </summary>
internal sealed class DiagnosticBag
{
    private readonly HashSet<Diagnostic> _seen = [];
    private readonly List<Diagnostic> _all = [];

    /// <summary>
    /// How often an error was reported, repeated ones included: tells whether a step went without errors.
    /// </summary>
    public int ErrorCount { get; private set; }

    public void Error(string id, YamlNode at, string message, string? hint = null) =>
        Error(id, at.Source, at.Span, message, hint);

    public void Error(string id, YamlSource source, Span span, string message, string? hint = null)
    {
        ErrorCount++;
        Add(new Diagnostic(id, DiagnosticSeverity.Error, source.Path, span, message, hint));
    }

    public void Warning(string id, YamlSource source, Span span, string message, string? hint = null) =>
        Add(new Diagnostic(id, DiagnosticSeverity.Warning, source.Path, span, message, hint));

    /// <summary>All problems, by file (in the order given) and place.</summary>
    public IReadOnlyList<Diagnostic> Sorted(IReadOnlyList<SourceText> sources)
    {
        var order = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var source in sources)
            order.TryAdd(source.Path, order.Count);
        return
        [
            .. _all.OrderBy(d => order.GetValueOrDefault(d.Path, int.MaxValue))
                .ThenBy(d => d.Path, StringComparer.Ordinal)
                .ThenBy(d => d.Span.Line).ThenBy(d => d.Span.Column).ThenBy(d => d.Id, StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// The errors reported since there were <paramref name="from"/> of them, as <see cref="Mark"/> told.
    /// </summary>
    public IReadOnlyList<Diagnostic> ErrorsSince(int from) =>
        [.. _all.Skip(from).Where(d => d.Severity == DiagnosticSeverity.Error)];

    public int Mark => _all.Count;

    private void Add(Diagnostic diagnostic)
    {
        if (_seen.Add(diagnostic))
            _all.Add(diagnostic);
    }
}
