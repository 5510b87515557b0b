using System.Text.Json.Nodes;
using Cep.Rules.Schema;

namespace Cep.Rules.Tests;

public sealed class JsonSchemaTests
{
    private readonly JsonObject _schema = JsonNode.Parse(JsonSchema.Create())!.AsObject();

    [Fact]
    public void Schema_Root_IsARuleFile()
    {
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", (string?)_schema["$schema"]);
        Assert.Equal("#/$defs/file", (string?)_schema["$ref"]);
        Assert.Equal(RuleFileKeys.File.Keys.Select(k => k.Name),
            Definition("file")["properties"]!.AsObject().Select(p => p.Key));
    }

    [Fact]
    public void Schema_EveryKey_IsDescribed()
    {
        foreach (var (name, definition) in _schema["$defs"]!.AsObject())
            foreach (var (key, value) in definition!["properties"]!.AsObject())
                Assert.False(string.IsNullOrWhiteSpace((string?)value!["description"]), $"{name}.{key}");
    }

    [Fact]
    public void Schema_EveryReference_HasADefinition()
    {
        var definitions = _schema["$defs"]!.AsObject();
        foreach (var reference in References(_schema))
            Assert.True(definitions.ContainsKey(reference["#/$defs/".Length..]), reference);
    }

    [Fact]
    public void Schema_Words_AreEnums()
    {
        var severity = Definition("rule")["properties"]!["severity"]!["enum"]!.AsArray().Select(v => (string?)v);

        Assert.Equal(["info", "low", "medium", "high", "critical"], severity);
        Assert.False((bool)Definition("rule")["additionalProperties"]!);
        Assert.Equal(["rule"], Definition("rule")["required"]!.AsArray().Select(v => (string?)v));
    }

    [Fact]
    public void Schema_FurtherKindOfFile_IsAnAlternative()
    {
        var other = new ObjectSpec("deployment file", "A deployment.",
            [new KeySpec("rules", new ListShape(new TextShape()), "The rule files.")]);

        var schema = JsonNode.Parse(JsonSchema.Create(other))!;

        Assert.Equal(["#/$defs/file", "#/$defs/deployment-file"],
            schema["anyOf"]!.AsArray().Select(k => (string?)k!["$ref"]));
        Assert.NotNull(schema["$defs"]!["deployment-file"]);
    }

    private JsonObject Definition(string name) => _schema["$defs"]![name]!.AsObject();

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject mapping => mapping.SelectMany(p => p.Key == "$ref" ? [(string)p.Value!] : References(p.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };
}
