using System.Text;
using Cep.Connectors.Formats;
using Cep.Connectors.Mqtt;
using Cep.Events;

namespace Cep.Connectors.Tests;

public sealed class MessageDecoderTests
{
    private static readonly StreamSchema Readings = new(
        "readings",
        [
            new("ts", DataType.Timestamp), new("device", DataType.String), new("line", DataType.Integer),
            new("power", DataType.Number), new("first", DataType.Number), new("tag", DataType.Any),
        ],
        "ts");

    [Fact]
    public void Fields_ComeFromTopicPathsAndMembers()
    {
        var batch = Decode(
            Readings,
            new()
            {
                ["device"] = "topic[1]",
                ["line"] = "topic[3]",
                ["power"] = "$.ENERGY.Power",
                ["first"] = "$.ENERGY['Total'][0]",
                ["ts"] = "$.Time",
                ["tag"] = "$.ENERGY.Total",
            },
            ("tele/plug/line/7", """{"Time":"2020-09-25T12:47:15Z","ENERGY":{"Total":[1.5,0.017],"Power":84}}"""),
            ("tele/lamp", """{"Time":0,"ENERGY":{"Power":1},"line":5,"device":"no"}"""));
        Assert.Empty(batch.Rejected);
        Assert.Equal(
            (1601038035000L, "plug", 7L, 84.0, 1.5),
            (batch.Value("ts"), batch.Value("device"), batch.Value("line"), batch.Value("power"),
                batch.Value("first")));
        Assert.Equal([1.5, 0.017], Assert.IsType<object?[]>(batch.Value("tag")));
        Assert.Equal(
            (0L, "lamp", null, 1.0, null),
            (batch.Value("ts", 1), batch.Value("device", 1), batch.Value("line", 1), batch.Value("power", 1),
                batch.Value("first", 1)));
    }

    [Fact]
    public void TopicLevel_ThatIsNoNumber_RejectsTheMessage()
    {
        var batch = Decode(Readings, new() { ["line"] = "topic[1]" }, ("a/x", """{"ts":1}"""), ("a/2", """{"ts":1}"""));
        var rejected = Assert.Single(batch.Rejected);
        Assert.Equal("topic 'a/x': field 'line' must be an integer, but is 'x' in the topic", rejected.Reason);
        Assert.Equal(2L, batch.Value("line"));
    }

    [Fact]
    public void Map_OfMembersOfOtherNames_StaysOnTheQuickWay()
    {
        var batch = Decode(
            Readings, new() { ["power"] = "$.P", ["device"] = "topic" },
            ("a/b", """{"ts":1,"P":2}"""), ("a/b", """{"ts":1,"power":2}"""),
            ("c", "{\n  \"ts\": 1,\r\n  \"P\": 3\n}"));
        Assert.Equal([2.0, null, 3.0], Enumerable.Range(0, 3).Select(i => batch.Value("power", i)));
        Assert.Equal(["a/b", "a/b", "c"], Enumerable.Range(0, 3).Select(i => batch.Value("device", i)));
    }

    [Fact]
    public void Lists_AreEventsEachOrRejectedAsAWhole()
    {
        var batch = Decode(
            Readings, [],
            ("t", """ [ {"ts":1} , {"ts":2,"power":"x"} , 3, {"ts":4} ] """), ("t", """[{"ts":5},{"ts":"""),
            ("t", "[]"), ("t", """{"power":1}"""), ("t", "[{\"ts\":6}] x"));
        Assert.Equal([1L, 4L], Enumerable.Range(0, batch.Count).Select(i => batch.Value("ts", i)));
        Assert.Equal(
            [
                "topic 't': field 'power' must be a number, but is the string \"x\"",
                "topic 't': not a JSON object, but the number 3",
                "topic 't': broken JSON at byte 17: Expected depth to be zero at the end of the JSON payload. "
                    + "There is an open JSON object or array that should be closed.",
                "topic 't': the time field 'ts' is missing or null",
                "topic 't': broken JSON at byte 12: 'x' is invalid after a single JSON value. "
                    + "Expected end of data.",
            ],
            batch.Rejected.Select(r => r.Reason));
    }

    [Theory]
    [InlineData("topic[")]
    [InlineData("topic[-1]")]
    [InlineData("$")]
    [InlineData("$.")]
    [InlineData("$.a..b")]
    [InlineData("$.a[x]")]
    [InlineData("$.a[0")]
    [InlineData("card")]
    public void Sources_ThatAreNone_SayWhatThereIs(string text)
    {
        Assert.Null(FieldSource.Parse(text, out var fault));
        Assert.Equal("a field comes from topic, topic[1] or a path such as $.card.ids[0]", fault);
    }

    [Fact]
    public void Decoding_MessageByMessage_GivesWhatLinesGive()
    {
        var random = new Random(5);
        var lines = new StringBuilder();
        var messages = new List<(string, string)>();
        for (var i = 0; i < 3000; i++)
        {
            var line = random.Next(8) switch
            {
                0 => $$"""{"ts":{{i}},"device":"d\u00e9{{i}}","power":{{i}}.5}""",
                1 => $$"""{ "power" : null, "ts" : "2020-01-01T00:00:00Z" , "device":"{{new string('x', i % 90)}}"}""",
                2 => $$"""{"ts":{{i}},"tag":{"a":[1,{"b":2}]},"other":[1,2]}""",
                3 => $$"""{"ts":{{i}},"power":"no"}""",
                4 => "{\"ts\":",
                _ => $$"""{"ts":{{i}},"device":"d{{i % 50}}","line":{{i}},"power":{{i}}e-1,"first":-0.25}""",
            };
            lines.Append(line).Append('\n');
            messages.Add(("t", line));
        }

        var expected = Decoding.Ndjson(Readings, Encoding.UTF8.GetBytes(lines.ToString()), maxRows: 1 << 20);
        var actual = Decode(Readings, [], [.. messages]);
        var whole = Assert.Single(expected);
        Assert.Equal(whole.Count, actual.Count);
        Assert.Equal(whole.Rejected.Count, actual.Rejected.Count);
        foreach (var field in Readings.Fields)
            for (var row = 0; row < whole.Count; row++)
                Assert.Equivalent(whole.Value(field.Name, row), actual.Value(field.Name, row));
    }

    internal static EventBatch Decode(
        StreamSchema schema, Dictionary<string, string> map, params (string Topic, string Payload)[] messages) =>
        Decode(
            schema, map, PayloadFormat.Json, [.. messages.Select(m => (m.Topic, Encoding.UTF8.GetBytes(m.Payload)))]);

    internal static EventBatch Decode(
        StreamSchema schema, Dictionary<string, string> map, PayloadFormat format,
        params (string Topic, byte[] Payload)[] messages)
    {
        var options = new MqttSourceOptions
        {
            Format = format,
            Map = map.ToDictionary(m => m.Key, m => FieldSource.Parse(m.Value, out _)!),
        };
        var decoder = new MessageDecoders(schema, new DecoderOptions(), options, TimeProvider.System).Rent();
        foreach (var (topic, payload) in messages)
            decoder.Add(Encoding.UTF8.GetBytes(topic), payload);
        return decoder.Build();
    }
}
