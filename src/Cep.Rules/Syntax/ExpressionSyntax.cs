using Cep.Rules.Diagnostics;

namespace Cep.Rules.Syntax;

/// <summary>
/// An expression in a scalar. <see cref="Root"/> is an <see cref="ErrorSyntax"/> where it could not be read.
/// </summary>
internal sealed record ExpressionSyntax(YamlScalar Source, ExprSyntax Root)
{
    public static ExpressionSyntax Read(YamlScalar source, DiagnosticBag diagnostics)
    {
        var parser = new ExpressionParser(source.Value);
        var root = parser.ParseAll();
        if (parser.Problem is not { } problem)
            return new ExpressionSyntax(source, root);
        var span = source.At(problem.Span.Start, problem.Span.Length);
        diagnostics.Error(DiagnosticIds.ExpressionSyntax, source.Source, span, problem.Message, problem.Hint);
        return new ExpressionSyntax(source, new ErrorSyntax(problem.Span));
    }
}

/// <summary>An expression with a name.</summary>
internal sealed record NamedSyntax(string Name, YamlScalar NameSource, ExpressionSyntax Value);
