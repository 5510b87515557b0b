namespace Cep.Rules.Syntax;

/// <summary>A text with expressions in braces.</summary>
internal sealed record TemplateSyntax(YamlScalar Source, IReadOnlyList<TemplatePartSyntax> Parts);

/// <summary>Either a literal text, or an expression with an optional format.</summary>
internal sealed record TemplatePartSyntax(string? Text, ExprSyntax? Value, string? Format, TextSpan FormatSpan);
