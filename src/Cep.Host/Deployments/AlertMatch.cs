using Cep.Alerts;
using Cep.Plans;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Host.Deployments;

/// <summary>
/// Expressions of routes over <c>severity</c>, <c>rule</c>, <c>status</c>, <c>labels.name</c> and <c>key.name</c>, in
/// the notation of rules; severities are ordered.
/// </summary>
internal sealed class AlertMatch
{
    private static readonly string[] Names = ["severity", "rule", "status", "labels", "key"];
    private static readonly string[] Severities = ["info", "low", "medium", "high", "critical"];

    private readonly YamlScalar _source;
    private readonly DiagnosticBag _diagnostics;

    private AlertMatch(YamlScalar source, DiagnosticBag diagnostics)
    {
        _source = source;
        _diagnostics = diagnostics;
    }

    public static Func<Alert, bool> Compile(ExpressionSyntax expression, DiagnosticBag diagnostics) =>
        new AlertMatch(expression.Source, diagnostics).Condition(expression.Root);

    /// <summary>Compiles an expression that stands in no file.</summary>
    /// <exception cref="FormatException">It is none; the message says why.</exception>
    public static Func<Alert, bool> Compile(string expression)
    {
        var diagnostics = new DiagnosticBag();
        var quoted = System.Text.Json.JsonSerializer.Serialize(expression);
        if (YamlReader.Read(new YamlSource("expression", quoted), diagnostics) is not YamlScalar scalar)
            throw new FormatException("this is no expression");
        var matches = Compile(ExpressionSyntax.Read(scalar, diagnostics), diagnostics);
        return diagnostics.Sorted([]) is [var problem, ..] ? throw new FormatException(problem.Message) : matches;
    }

    /// <summary>Compiles an expression; null where it is none.</summary>
    public static Func<Alert, bool>? TryCompile(string expression)
    {
        try
        {
            return Compile(expression);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private Func<Alert, bool> Condition(ExprSyntax syntax)
    {
        switch (syntax)
        {
            case ErrorSyntax:
                return _ => false;
            case LiteralSyntax { Value: bool value }:
                return _ => value;
            case UnarySyntax { Op: "not" } not:
                var operand = Condition(not.Operand);
                return a => !operand(a);
            case BinarySyntax { Op: "and" or "or" } both:
                var (left, right) = (Condition(both.Left), Condition(both.Right));
                return both.Op == "and" ? a => left(a) && right(a) : a => left(a) || right(a);
            case BinarySyntax { Op: "==" or "!=" or "<" or "<=" or ">" or ">=" } comparison:
                return Comparison(comparison);
            case InSyntax { List: ListSyntax list } member:
                return Membership(member, list);
            default:
                Error(syntax, "A route's match is made of comparisons, 'in', and, or, not.");
                return _ => false;
        }
    }

    private Func<Alert, bool> Comparison(BinarySyntax syntax)
    {
        var errors = _diagnostics.ErrorCount;
        var (left, right) = (Operand(syntax.Left), Operand(syntax.Right));
        if (_diagnostics.ErrorCount > errors)
            return _ => false;
        if (IsSeverity(syntax.Left) || IsSeverity(syntax.Right))
        {
            CheckSeverity(syntax.Left);
            CheckSeverity(syntax.Right);
            return a => Holds(syntax.Op, Rank(left(a)) - Rank(right(a)));
        }

        if (syntax.Op is "==" or "!=")
            return a => left(a) is { } l && right(a) is { } r && l == r == (syntax.Op == "==");
        Error(syntax, $"Only the severity has an order; '{syntax.Op}' compares nothing else.");
        return _ => false;
    }

    private Func<Alert, bool> Membership(InSyntax syntax, ListSyntax list)
    {
        var operand = Operand(syntax.Operand);
        if (IsSeverity(syntax.Operand))
            foreach (var item in list.Items)
                CheckSeverity(item);
        var items = list.Items.Select(Operand).ToArray();
        return a => operand(a) is { } value && items.Any(i => i(a) == value) != syntax.Negated;
    }

    private Func<Alert, string?> Operand(ExprSyntax syntax)
    {
        switch (syntax)
        {
            case LiteralSyntax literal:
                var text = Text(literal.Value);
                return _ => text;
            case NameSyntax { Name: "severity" }:
                return a => Severities[(int)a.Severity];
            case NameSyntax { Name: "rule" }:
                return a => a.Rule;
            case NameSyntax { Name: "status" }:
                return a => a.Status == AlertStatus.Firing ? "firing" : "resolved";
            case MemberSyntax { Operand: NameSyntax { Name: "labels" }, Name: var label }:
                return a => a.Labels.FirstOrDefault(l => l.Key == label).Value;
            case MemberSyntax { Operand: NameSyntax { Name: "key" }, Name: var part }:
                return a => Text(a.Key.FirstOrDefault(k => k.Key == part).Value);
            case NameSyntax name:
                Error(syntax, $"An alert has no '{name.Name}' to match.", Suggestion.For(name.Name, Names));
                return _ => null;
            default:
                Error(syntax, "Here stands severity, rule, status, labels.NAME, key.NAME or a literal.");
                return _ => null;
        }
    }

    private static bool IsSeverity(ExprSyntax syntax) => syntax is NameSyntax { Name: "severity" };

    private void CheckSeverity(ExprSyntax syntax)
    {
        if (syntax is LiteralSyntax literal && Rank(Text(literal.Value)) < 0)
            Error(syntax, $"'{literal.Value}' is no severity.", Suggestion.For(Text(literal.Value) ?? "", Severities)
                ?? $"they are {string.Join(", ", Severities)}");
    }

    private static int Rank(string? severity) => Array.IndexOf(Severities, severity);

    private static bool Holds(string op, int order) => op switch
    {
        "==" => order == 0,
        "!=" => order != 0,
        "<" => order < 0,
        "<=" => order <= 0,
        ">" => order > 0,
        _ => order >= 0,
    };

    private static string? Text(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value?.ToString(),
    };

    private void Error(ExprSyntax at, string message, string? hint = null) =>
        _diagnostics.Error(
            DiagnosticIds.ExpressionSyntax, _source.Source, _source.At(at.Span.Start, at.Span.Length), message, hint);
}
