using System.Globalization;
using Cep.Plans;
using Cep.Rules.Binding;
using Cep.Rules.Diagnostics;
using Cep.Rules.Lowering;
using Cep.Rules.Schema;
using Cep.Rules.Syntax;

namespace Cep.Rules.Testing;

/// <summary>Reads expectations; names that no alert of the rules under test can have are errors.</summary>
internal sealed class ExpectationReader(RuleSet set, int given, DiagnosticBag diagnostics)
{
    public Expectation Read(YamlMapping node)
    {
        var reader = new MappingReader(node, RuleFileKeys.Expectation, diagnostics);
        var rule = reader.Scalar("rule");
        var window = reader.Mapping("window") is { } bounds
            ? new MappingReader(bounds, RuleFileKeys.Bounds, diagnostics)
            : null;
        return new Expectation
        {
            Rule = rule?.Value,
            AtMs = Time(reader, "at"),
            Status = (AlertStatus?)reader.Word("status"),
            Severity = (Severity?)reader.Word("severity"),
            Message = reader.Scalar("message")?.Value,
            Key = reader.Node("key") is { } key ? GivenValue.Plain(key) : null,
            HasKey = reader.Has("key"),
            Fields = Fields(reader, Find(rule)),
            Labels = [.. Labels(reader)],
            Matched = reader.Mapping("matched") is { } matched ? [.. Matched(matched)] : null,
            StartMs = window is null ? null : Time(window, "start"),
            EndMs = window is null ? null : Time(window, "end"),
            Revision = (int?)Integer(reader.Scalar("revision")),
        };
    }

    private RulePlan? Find(YamlScalar? rule)
    {
        if (rule is null)
            return null;
        foreach (var (syntax, bound) in set.Rules)
            if (syntax.Id.Value == rule.Value)
                return bound?.Plan;
        diagnostics.Error(DiagnosticIds.UnknownRule, rule, $"There is no rule '{rule.Value}' under test.",
            Suggestion.For(rule.Value, set.Rules.Select(r => r.Syntax.Id.Value)));
        return null;
    }

    private List<KeyValuePair<string, object?>> Fields(MappingReader reader, RulePlan? rule)
    {
        var fields = new List<KeyValuePair<string, object?>>();
        var known = rule is null ? null : FieldsOf(rule);
        foreach (var (key, value) in reader.Mapping("fields")?.Entries ?? [])
        {
            fields.Add(new(key.Value, GivenValue.Plain(value)));
            if (known is not null && !known.Contains(key.Value))
                diagnostics.Error(DiagnosticIds.UnknownName, key,
                    $"Alerts of '{rule!.Id}' have no field '{key.Value}': they show let, select and alert.fields.",
                    Suggestion.For(key.Value, known));
        }

        return fields;
    }

    private static HashSet<string> FieldsOf(RulePlan rule)
    {
        var select = rule.Detector is WindowPlan window ? window.Select : [];
        return [.. rule.Let.Concat(select).Concat(rule.Alert.Fields).Select(f => f.Name)];
    }

    private IEnumerable<KeyValuePair<string, string>> Labels(MappingReader reader)
    {
        foreach (var (key, value) in reader.Mapping("labels")?.Entries ?? [])
        {
            if (value is YamlScalar label)
                yield return new(key.Value, label.Value);
            else
                diagnostics.Error(DiagnosticIds.WrongShape, value, $"The label '{key.Value}' is a text.");
        }
    }

    private IEnumerable<StepEvents> Matched(YamlMapping matched)
    {
        foreach (var (step, value) in matched.Entries)
        {
            IReadOnlyList<YamlNode> nodes = value is YamlSequence sequence ? sequence.Items : [value];
            List<int> indexes = [.. nodes.Select(n => Integer(n)).OfType<long>()
                .Select(i => (int)Math.Min(i, int.MaxValue))];
            if (indexes.Exists(i => i >= given))
                diagnostics.Error(DiagnosticIds.InvalidValue, value, $"'given' has {given} entries, counted from 0.");
            yield return new StepEvents(step.Value, indexes);
        }
    }

    private long? Integer(YamlNode? node)
    {
        if (node is null || node is YamlScalar scalar && scalar.Resolve() is long and >= 0)
            return node is null ? null : long.Parse(((YamlScalar)node).Value, CultureInfo.InvariantCulture);
        diagnostics.Error(DiagnosticIds.InvalidValue, node, $"{GivenValue.Describe(node)} is no count.");
        return null;
    }

    private long? Time(MappingReader reader, string key)
    {
        if (reader.Scalar(key) is not { } scalar)
            return null;
        if (TimeText.TryParse(scalar.Resolve(), out var time))
            return time;
        TestReader.NoTime(scalar, diagnostics);
        return null;
    }
}
