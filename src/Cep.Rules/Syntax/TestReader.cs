using Cep.Rules.Diagnostics;
using Cep.Rules.Schema;

namespace Cep.Rules.Syntax;

/// <summary>Reads a rule test.</summary>
internal static class TestReader
{
    public static TestSyntax Read(YamlMapping node, YamlMapping? defaults, DiagnosticBag diagnostics)
    {
        var mark = diagnostics.Mark;
        var reader = new MappingReader(node, RuleFileKeys.Test, diagnostics);
        var own = FileReader.Declarations(reader, node.Source, defaults);
        List<GivenSyntax> given = [.. Given(reader)];
        var (expect, isComplete) = Expect(reader);
        return new TestSyntax(node, reader.Scalar("name")?.Value
            ?? $"line {node.Span.Line}", own, given, expect, isComplete, Until(reader))
        {
            Errors = diagnostics.ErrorsSince(mark),
        };
    }

    private static long? Until(MappingReader reader)
    {
        if (reader.Scalar("until") is not { } until)
            return null;
        if (TimeText.TryParse(until.Resolve(), out var time))
            return time;
        NoTime(until, reader.Diagnostics);
        return null;
    }

    public static void NoTime(YamlScalar scalar, DiagnosticBag diagnostics) =>
        diagnostics.Error(DiagnosticIds.InvalidValue, scalar,
        $"'{scalar.Value}' is no time.", "write an offset such as 90s, ISO 8601, or epoch milliseconds");

    private static (IReadOnlyList<YamlMapping> Expect, bool IsComplete) Expect(MappingReader reader)
    {
        var isComplete = reader.Has("expect");
        if (isComplete == reader.Has("contains"))
            reader.Diagnostics.Error(DiagnosticIds.MissingKey, reader.Source,
                "A test has either 'expect' (all the alerts) or 'contains' (some of them).");
        return ([.. reader.Mappings(isComplete ? "expect" : "contains")], isComplete);
    }

    private static IEnumerable<GivenSyntax> Given(MappingReader reader)
    {
        foreach (var mapping in reader.Mappings("given"))
        {
            if (mapping.Entries is not [var (stream, value)])
            {
                reader.Diagnostics.Error(DiagnosticIds.WrongShape, mapping,
                    "An entry of 'given' is one event, stream: {fields}, or advance: a time.");
                yield return new GivenSyntax(new YamlScalar(mapping.Source, 0, 1, "", YamlStyle.Plain), null, null);
            }
            else if (stream.Value == "advance")
            {
                var duration = new MappingReader(mapping, RuleFileKeys.Given, reader.Diagnostics).Duration("advance");
                yield return new GivenSyntax(stream, null, duration ?? 0);
            }
            else
            {
                yield return new GivenSyntax(stream, Fields(stream, value, reader.Diagnostics), null);
            }
        }
    }

    private static YamlMapping? Fields(YamlScalar stream, YamlNode value, DiagnosticBag diagnostics)
    {
        if (value is YamlMapping fields)
            return fields;
        if (value is YamlScalar { IsNull: true })
            return new YamlMapping(value.Source, value.Span, []);
        diagnostics.Error(DiagnosticIds.WrongShape, value, $"An event of '{stream.Value}' is a mapping of its fields.");
        return null;
    }
}
