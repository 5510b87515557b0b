using Cep.Events;
using Cep.Rules.Diagnostics;
using Cep.Rules.Schema;

namespace Cep.Rules.Syntax;

/// <summary>Reads a file into syntax: its streams, rules and tests.</summary>
internal static class FileReader
{
    public static FileSyntax Read(SourceText text, DiagnosticBag diagnostics)
    {
        var source = new YamlSource(text.Path, text.Text);
        switch (YamlReader.Read(source, diagnostics))
        {
            case YamlMapping mapping:
                return Read(new MappingReader(mapping, RuleFileKeys.File, diagnostics), source);
            case YamlScalar { IsNull: true } or null:
                break;
            case var other:
                diagnostics.Error(DiagnosticIds.WrongShape, other, "A file is a mapping with streams, rules, tests.");
                break;
        }

        return new FileSyntax(source);
    }

    /// <summary>Reads what files and tests have in common.</summary>
    public static FileSyntax Declarations(MappingReader reader, YamlSource source, YamlMapping? defaults) => new(source)
    {
        Streams = [.. Streams(reader)],
        Tables = [.. Tables(reader)],
        Rules = [.. reader.Mappings("rules")
            .Select(r => RuleReader.Read(r, defaults, reader.Diagnostics)).OfType<RuleSyntax>()],
        Load = reader.Scalars("load"),
    };

    private static FileSyntax Read(MappingReader reader, YamlSource source)
    {
        var defaults = reader.Has("defaults") ? reader.Mapping("defaults") : null;
        if (defaults is not null)
        {
            _ = new MappingReader(defaults, RuleFileKeys.Defaults, reader.Diagnostics);
            List<YamlEntry> allowed = [.. defaults.Entries.Where(e => RuleFileKeys.Defaults.Allows(e.Key.Value))];
            defaults = new YamlMapping(source, defaults.Span, allowed);
        }

        return Declarations(reader, source, defaults) with
        {
            Tests = [.. reader.Mappings("tests").Select(t => TestReader.Read(t, defaults, reader.Diagnostics))],
        };
    }

    private static IEnumerable<YamlScalar> Tables(MappingReader reader)
    {
        foreach (var entry in reader.Mapping("tables")?.Entries ?? [])
        {
            if (entry.Value is YamlMapping table)
                _ = new MappingReader(table, RuleFileKeys.Table, reader.Diagnostics);
            reader.Diagnostics.Error(DiagnosticIds.NotSupported, entry.Key,
                "Tables are not supported by this version.");
            yield return entry.Key;
        }
    }

    private static IEnumerable<StreamSyntax> Streams(MappingReader reader)
    {
        foreach (var entry in reader.Mapping("streams")?.Entries ?? [])
        {
            var errors = reader.Diagnostics.ErrorCount;
            Names.Check(entry.Key, dashes: false, reader.Diagnostics);
            if (entry.Value is not YamlMapping mapping)
            {
                reader.Diagnostics.Error(DiagnosticIds.WrongShape, entry.Value,
                    "A stream is a mapping with its fields.");
                var nothing = new StreamSchema(entry.Key.Value, []);
                yield return new StreamSyntax(entry.Key, nothing, null) { IsSound = false };
                continue;
            }

            var stream = Stream(entry.Key, new MappingReader(mapping, RuleFileKeys.Stream, reader.Diagnostics));
            yield return stream with { IsSound = errors == reader.Diagnostics.ErrorCount };
        }
    }

    private static StreamSyntax Stream(YamlScalar name, MappingReader reader)
    {
        var fields = Fields(reader);
        var time = reader.Scalar("time");
        if (time is not null && fields.Find(f => f.Name == time.Value) is var field
            && field is not { Type: DataType.Timestamp })
        {
            var message = field is null
                ? $"The stream has no field '{time.Value}'."
                : $"The event time is a timestamp, but '{time.Value}' is {TypeNames.Of(field.Type)}.";
            var hint = field is null ? Suggestion.For(time.Value, fields.Select(f => f.Name)) : null;
            var id = field is null ? DiagnosticIds.UnknownName : DiagnosticIds.TypeMismatch;
            reader.Diagnostics.Error(id, time, message, hint);
            time = null;
        }

        if (reader.Scalar("timeline") is { } timeline)
            reader.Diagnostics.Error(DiagnosticIds.NotSupported, timeline,
                "'timeline' is not supported by this version.");
        return new StreamSyntax(name, new StreamSchema(name.Value, fields, time?.Value), Late(reader))
        {
            OutOfOrderMs = reader.Duration("out_of_order") ?? 0,
            IdleMs = reader.Duration("idle") ?? 0,
            MaxAheadMs = reader.Duration("max_ahead") ?? 0,
        };
    }

    private static YamlScalar? Late(MappingReader reader)
    {
        switch (reader.Node("late"))
        {
            case null or YamlScalar { Value: "drop" }:
                return null;
            case YamlMapping mapping:
                return new MappingReader(mapping, RuleFileKeys.Late, reader.Diagnostics).Name("to");
            case var other:
                reader.Diagnostics.Error(DiagnosticIds.InvalidValue, other,
                    "'late' is drop, or a mapping with to: <stream>.");
                return null;
        }
    }

    private static List<FieldSchema> Fields(MappingReader reader)
    {
        var fields = new List<FieldSchema>();
        foreach (var (key, value) in reader.Mapping("fields")?.Entries ?? [])
        {
            if (!Names.Check(key, dashes: false, reader.Diagnostics))
                continue;
            if (value is YamlScalar type && TypeNames.TryParse(type.Value, out var data, out var element))
                fields.Add(new FieldSchema(key.Value, data, element));
            else
                WrongType(key, value, fields, reader.Diagnostics);
        }

        return fields;
    }

    private static void WrongType(YamlScalar key, YamlNode value, List<FieldSchema> fields, DiagnosticBag diagnostics)
    {
        // any: one wrong type makes no further errors where the field is used
        fields.Add(new FieldSchema(key.Value, DataType.Any));
        var text = (value as YamlScalar)?.Value ?? "";
        diagnostics.Error(DiagnosticIds.InvalidValue, value,
            $"'{text}' is no type: the types are {string.Join(", ", TypeNames.All)} and 'list of' one of them.",
            Suggestion.For(text.StartsWith("list of ", StringComparison.Ordinal) ? text[8..] : text, TypeNames.All));
    }
}
