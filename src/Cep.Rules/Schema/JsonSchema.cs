using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cep.Rules.Schema;

/// <summary>The JSON Schema (draft 2020-12) of rule files, by which editors complete and check them.</summary>
public static class JsonSchema
{
    private const string DurationPattern = "^([0-9]+(ms|s|m|h|d))+$";

    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The schema of rule files and of the further kinds of file given, as indented JSON.</summary>
    public static string Create(params ReadOnlySpan<ObjectSpec> others)
    {
        var definitions = new JsonObject();
        JsonObject root;
        if (others.IsEmpty)
        {
            root = Reference(RuleFileKeys.File, definitions);
        }
        else
        {
            var kinds = new JsonArray(Reference(RuleFileKeys.File, definitions));
            foreach (var other in others)
                kinds.Add(Reference(other, definitions));
            root = new JsonObject { ["anyOf"] = kinds };
        }

        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Cep",
        };
        foreach (var (name, value) in root)
            schema[name] = value!.DeepClone();
        schema["$defs"] = definitions;
        return schema.ToJsonString(s_indented) + "\n";
    }

    private static JsonObject Reference(ObjectSpec spec, JsonObject definitions)
    {
        // a reference is part of a URI
        var name = spec.Name.Replace(' ', '-');
        if (!definitions.ContainsKey(name))
        {
            // claims the name first: a kind may contain itself
            definitions[name] = new JsonObject();
            definitions[name] = Define(spec, definitions);
        }

        return new JsonObject { ["$ref"] = $"#/$defs/{name}" };
    }

    private static JsonObject Define(ObjectSpec spec, JsonObject definitions)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var key in spec.Keys)
        {
            var value = Value(key.Value, definitions);
            value["description"] = key.Description;
            properties[key.Name] = value;
            if (key.Required)
                required.Add(key.Name);
        }

        var definition = new JsonObject
        {
            ["type"] = "object",
            ["description"] = spec.Description,
            ["properties"] = properties,
            ["additionalProperties"] = spec.Others is { } others ? Value(others, definitions) : JsonValue.Create(false),
        };
        if (required.Count > 0)
            definition["required"] = required;
        return definition;
    }

    private static JsonObject Value(Shape shape, JsonObject definitions) => shape switch
    {
        TextShape { Pattern: { } pattern } => new JsonObject { ["type"] = "string", ["pattern"] = pattern },
        TextShape => Types("string", "number", "boolean"),
        ExpressionShape => Types("string", "number", "boolean"),
        DurationShape =>
            new JsonObject { ["type"] = new JsonArray("string", "integer"), ["pattern"] = DurationPattern },
        TimeShape => Types("string", "integer"),
        BoolShape => Types("boolean"),
        IntegerShape => Types("integer"),
        EnumShape words =>
            new JsonObject { ["enum"] = new JsonArray([.. words.Values.Select(v => JsonValue.Create(v))]) },
        ListShape list => new JsonObject { ["type"] = "array", ["items"] = Value(list.Item, definitions) },
        MapShape map =>
            new JsonObject { ["type"] = "object", ["additionalProperties"] = Value(map.Value, definitions) },
        ObjectShape mapping => Reference(mapping.Spec, definitions),
        OneOfShape choice =>
            new JsonObject { ["anyOf"] = new JsonArray([.. choice.Shapes.Select(s => Value(s, definitions))]) },
        _ => [],
    };

    private static JsonObject Types(params string[] types) => new()
    {
        ["type"] = types.Length == 1 ? types[0] : new JsonArray([.. types.Select(t => JsonValue.Create(t))]),
    };
}
