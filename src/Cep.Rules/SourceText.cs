namespace Cep.Rules;

/// <summary>
/// A file of rules: where it is from and what it says. The path is shown in diagnostics and resolves <c>load</c>.
/// </summary>
public sealed record SourceText(string Path, string Text);
