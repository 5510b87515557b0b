using System.Globalization;
using Cep.Events;
using Cep.Expressions;
using Cep.Plans;
using Cep.Rules.Binding;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Rules.Lowering;

internal sealed partial class RuleBinder
{
    private AlertPlan? Alert(AlertSyntax syntax, Scope scope)
    {
        var message = syntax.Message is { } text ? Template(text, scope) : null;
        var labels = syntax.Labels.Select(l => (l.Name, Value: Template(l.Value, scope))).ToList();
        List<(string Name, Expr? Value)> fields = [.. syntax.Fields.Select(f => (f.Name, Bind(f.Value, scope)))];
        List<KeyPart> key = [.. KeyParts(syntax.Key, scope)];
        if (syntax.Message is not null && message is null || labels.Exists(l => l.Value is null)
            || fields.Exists(f => f.Value is null))
            return null;
        return new AlertPlan(
            message,
            [.. labels.Select(l => (l.Name, l.Value!))],
            [.. fields.Select(f => new NamedExpr(f.Name, f.Value!))],
            syntax.DedupeMs,
            [.. key.Select(k => new NamedExpr(k.Name, k.Value))]);
    }

    private TemplatePlan? Template(TemplateSyntax template, Scope scope)
    {
        var parts = new List<TemplatePart>();
        var binder = new ExpressionBinder(template.Source, _diagnostics);
        foreach (var part in template.Parts)
        {
            if (part.Text is not null)
                parts.Add(new TemplatePart(part.Text, null, null));
            else if (binder.Bind(part.Value!, scope) is { } value && CheckFormat(value, part, template.Source))
                parts.Add(new TemplatePart(null, value, part.Format));
        }

        return parts.Count == template.Parts.Count ? new TemplatePlan([.. parts]) : null;
    }

    private bool CheckFormat(Expr value, TemplatePartSyntax part, YamlScalar source)
    {
        if (part.Format is null)
            return true;
        IFormattable? sample = value.Type switch
        {
            DataType.Integer => 1L,
            DataType.Number or DataType.Any => 1.5,
            DataType.Timestamp => DateTimeOffset.UnixEpoch,
            DataType.Duration => TimeSpan.FromSeconds(1),
            _ => null,
        };
        string message;
        try
        {
            if (sample is not null)
            {
                _ = sample.ToString(part.Format, CultureInfo.InvariantCulture);
                return true;
            }

            message = $"A value that is {TypeNames.Of(value.Type)} takes no format.";
        }
        catch (FormatException)
        {
            message = $"'{part.Format}' is no format for {TypeNames.Of(value.Type)}.";
        }

        _diagnostics.Error(DiagnosticIds.InvalidFormat, source.Source,
            source.At(part.FormatSpan.Start, part.FormatSpan.Length), message,
            "formats are those of .NET, such as 0.00 for numbers and HH:mm for times");
        return false;
    }

    private ExceptPlan? Exception(ExceptSyntax exception)
    {
        Expr? condition = null;
        var scope = Events("'except'");
        foreach (var (field, values) in exception.Fields)
        {
            if (Bind(ExpressionSyntax.Read(field, _diagnostics), scope) is not { } operand
                || Constants(operand, field, values) is not { } constants)
                return null;
            var listed = new InExpr(operand, constants, Negated: false);
            condition = condition is null ? listed : new BinaryExpr(BinaryOp.And, condition, listed, DataType.Bool);
        }

        return condition is null ? null : new ExceptPlan(condition, exception.Why, exception.UntilMs);
    }

    private ValueList<object>? Constants(Expr operand, YamlScalar field, YamlNode values)
    {
        var constants = new List<object>();
        IReadOnlyList<YamlNode> nodes = values is YamlSequence sequence ? sequence.Items : [values];
        foreach (var node in nodes)
        {
            if (node is YamlScalar scalar
                && GivenValue.Convert(scalar, operand.Type, DataType.Any, out var value) is null && value is not null)
                constants.Add(value);
            else
                _diagnostics.Error(DiagnosticIds.TypeMismatch, node,
                    $"'{field.Value}' is {TypeNames.Of(operand.Type)}, but {GivenValue.Describe(node)} is not.");
        }

        return constants.Count == nodes.Count ? [.. constants] : null;
    }
}
