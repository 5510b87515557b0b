using System.Text;
using Cep.Connectors.Formats;
using Cep.Events;

namespace Cep.Connectors.Tests;

public sealed class NdjsonDecoderTests
{
    [Theory]
    [InlineData("n", "12.34", 12.34)]
    [InlineData("n", "1e5", 100000.0)]
    [InlineData("n", "-0", -0.0)]
    [InlineData("n", "7", 7.0)]
    [InlineData("n", "0.1e-300", 1e-301)]
    [InlineData("n", "123456789012345678901234567890", 123456789012345678901234567890.0)]
    [InlineData("n", "9007199254740993", 9007199254740992.0)]
    [InlineData("i", "3", 3L)]
    [InlineData("i", "3.0", 3L)]
    [InlineData("i", "30e-1", 3L)]
    [InlineData("i", "-9223372036854775808", long.MinValue)]
    [InlineData("i", "9223372036854775807", long.MaxValue)]
    [InlineData("i", "9.223372036854775807e18", long.MaxValue)]
    [InlineData("s", "\"\"", "")]
    [InlineData("s", "\"a\\u00e9\\n\\ud83d\\ude00\"", "aé\n😀")]
    [InlineData("s", "\"Zürich – 東京\"", "Zürich – 東京")]
    [InlineData("s", "\"a text that is longer than sixteen bytes\"", "a text that is longer than sixteen bytes")]
    [InlineData("b", "true", true)]
    [InlineData("b", "false", false)]
    [InlineData("d", "\"1h30m\"", 5_400_000L)]
    [InlineData("d", "250", 250L)]
    [InlineData("ts", "\"2026-01-01T00:00:00Z\"", 1_767_225_600_000L)]
    [InlineData("ts", "\"2026-01-01\"", 1_767_225_600_000L)]
    [InlineData("ts", "\"2026-01-01T01:00:00.5+01:00\"", 1_767_225_600_500L)]
    [InlineData("ts", "\"2025-12-31 23:59:59.123456789\"", 1_767_225_599_123L)]
    [InlineData("ts", "1767225600000", 1_767_225_600_000L)]
    [InlineData("ts", "1.7672256e12", 1_767_225_600_000L)]
    [InlineData("a", "1.5", 1.5)]
    [InlineData("a", "15", 15L)]
    [InlineData("a", "\"x\"", "x")]
    [InlineData("s", "null", null)]
    [InlineData("a", "null", null)]
    public void Value_OfEachType_IsRead(string field, string json, object? expected)
    {
        var ts = field == "ts" ? "" : "\"ts\":1,";
        foreach (var line in new[] { $"{{{ts}\"{field}\":{json}}}", $" {{ {ts} \"{field}\" : {json} }} \r" })
            Assert.Equal(expected, Decoding.Ndjson(Decoding.AllTypes, line).Value(field));
    }

    [Theory]
    [InlineData("""{"ts":1,"n":"abc"}""", "line 1: field 'n' must be a number, but is the string \"abc\"")]
    [InlineData("""{"ts":1,"n":1e999}""", "line 1: field 'n' must be a number, but is the number 1e999")]
    [InlineData("""{"ts":1,"i":3.5}""", "line 1: field 'i' must be an integer, but is the number 3.5")]
    [InlineData(
        """{"ts":1,"i":9223372036854775808}""",
        "line 1: field 'i' must be an integer, but is the number 9223372036854775808")]
    [InlineData("""{"ts":1,"s":5}""", "line 1: field 's' must be a string, but is the number 5")]
    [InlineData("""{"ts":1,"s":{}}""", "line 1: field 's' must be a string, but is an object")]
    [InlineData("""{"ts":1,"b":1}""", "line 1: field 'b' must be true or false, but is the number 1")]
    [InlineData("""{"ts":1,"l":[1,"x"]}""", "line 1: field 'l' [1] must be an integer, but is the string \"x\"")]
    [InlineData(
        """{"ts":"soon"}""",
        "line 1: field 'ts' must be a timestamp (ISO 8601 or epoch milliseconds), but is the string \"soon\"")]
    [InlineData(
        """{"ts":1,"d":"5 apples"}""",
        "line 1: field 'd' must be a duration (like 1h30m, or milliseconds), but is the string \"5 apples\"")]
    [InlineData("""{"s":"x"}""", "line 1: the time field 'ts' is missing or null")]
    [InlineData("""{"ts":null}""", "line 1: the time field 'ts' is missing or null")]
    [InlineData("[1]", "line 1: not a JSON object, but an array")]
    [InlineData("17", "line 1: not a JSON object, but the number 17")]
    [InlineData("""{"ts":1,"s":"\ud800"}""", "line 1: broken JSON: an escape that is no Unicode character")]
    public void Line_ThatFitsNoEvent_IsRejectedWithTheReason(string line, string reason)
    {
        var batch = Decoding.Ndjson(Decoding.AllTypes, line + "\n{\"ts\":5,\"s\":\"next\"}\n");
        var rejected = Assert.Single(batch.Rejected);
        Assert.Equal(reason, rejected.Reason);
        Assert.Equal(line, rejected.Raw);
        Assert.Equal(0, rejected.Position);
        Assert.Equal(1, batch.Positions[0]);
        Assert.Equal("next", batch.Value("s"));
        Assert.Null(batch.Value("n"));
        Assert.Equal(0, batch.Columns[2].Doubles[0]);
    }

    [Theory]
    [InlineData("""{"ts":1,"s":"cut""")]
    [InlineData("""{"ts":1,}""")]
    [InlineData("""{"ts":1 "s":"x"}""")]
    [InlineData("""{"ts":01}""")]
    [InlineData("""{"ts":1}x""")]
    [InlineData("""{"ts":1,"s":'x'}""")]
    [InlineData("""{"ts":1,"n":.5}""")]
    [InlineData("""{"ts":1,"n":NaN}""")]
    [InlineData("""{"ts":1,"zzz":[1,2}""")]
    [InlineData("""{"ts":1,"s":"tab	inside"}""")]
    [InlineData("nonsense")]
    [InlineData("{")]
    public void Line_OfBrokenJson_IsRejected(string line)
    {
        var rejected = Assert.Single(Decoding.Ndjson(Decoding.AllTypes, line).Rejected);
        Assert.StartsWith("line 1: broken JSON at byte ", rejected.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Name_ThatComesTwice_CountsTheLastTime()
    {
        var batch = Decoding.Ndjson(
            Decoding.AllTypes,
            """
            {"ts":1,"s":"a","s":"b","b":true,"b":false,"n":null,"n":2,"i":4,"i":null}
            {"ts":1,"s":"a","s":null,"n":1,"n":2,"a":{"x":1,"x":2}}
            """);
        Assert.Equal(["b", false, 2.0, null], new[] { "s", "b", "n", "i" }.Select(f => batch.Value(f)));
        Assert.Null(batch.Value("s", 1));
        Assert.Equal(new Dictionary<string, object?> { ["x"] = 2L }, batch.Value("a", 1));
    }

    [Fact]
    public void NestedValue_OfAnyField_IsReadWhole()
    {
        var batch = Decoding.Ndjson(
            Decoding.AllTypes, """{"ts":1,"a":{"x":[1,2.5,"y",{"z":null}],"t":true},"l":[1,2.0,null]}""");
        var any = Assert.IsType<Dictionary<string, object?>>(batch.Value("a"));
        var items = Assert.IsType<object?[]>(any["x"]);
        Assert.Equal([1L, 2.5, "y"], items[..3]);
        Assert.Equal(new Dictionary<string, object?> { ["z"] = null }, items[3]);
        Assert.Equal(true, any["t"]);
        Assert.Equal(new object?[] { 1L, 2L, null }, batch.Value("l"));
    }

    [Fact]
    public void Depth_BeyondTheLimit_IsRejected()
    {
        static string Nested(int depth) => $"{{\"ts\":1,\"a\":{new string('[', depth)}{new string(']', depth)}}}";
        Assert.Equal(1, Decoding.Ndjson(Decoding.AllTypes, Nested(63)).Count);
        Assert.Single(Decoding.Ndjson(Decoding.AllTypes, Nested(64)).Rejected);
        Assert.Single(Decoding.Ndjson(Decoding.AllTypes, Nested(100_000)).Rejected);
    }

    [Fact]
    public void Input_WithMarkBlankLinesAndNoFinalLineFeed_IsReadWhole()
    {
        var batch = Decoding.Ndjson(Decoding.AllTypes, "\uFEFF\n{\"ts\":1}\r\n\r\n  \n{\"ts\":2}\nx\n{\"ts\":3}");
        Assert.Equal([1, 2, 3], batch.Times[..batch.Count]);
        Assert.Equal(6, Assert.Single(batch.Rejected).Line);
    }

    [Fact]
    public void Bytes_ThatAreNoUtf8_AreRejectedAlone()
    {
        byte[] input = [.. "{\"ts\":1,\"s\":\"ok é\"}\n{\"ts\":2,\"s\":\""u8, 0xC3, 0x28, .. "\"}\n{\"ts\":3}\n"u8];
        var batch = Assert.Single(Decoding.Ndjson(Decoding.AllTypes, input));
        Assert.Equal([1, 3], batch.Times[..batch.Count]);
        Assert.Equal("line 2: invalid UTF-8", Assert.Single(batch.Rejected).Reason);
    }

    [Theory]
    [InlineData(100, 1 << 18)]
    [InlineData(3000, 512)]
    public void Line_LongerThanTheLimit_IsRejectedAndTheNextIsRead(int limit, int blockBytes)
    {
        var input = $"{{\"ts\":1}}\n{{\"ts\":2,\"s\":\"{new string('x', 10_000)}\"}}\n{{\"ts\":3}}\n";
        var batches = Decoding.Ndjson(
            Decoding.AllTypes, Encoding.UTF8.GetBytes(input), 4096, new DecoderOptions(MaxLineBytes: limit),
            blockBytes);
        Assert.Equal([1, 3], batches.SelectMany(b => b.Times[..b.Count]));
        Assert.Equal($"line 2: longer than {limit} bytes", Assert.Single(batches.SelectMany(b => b.Rejected)).Reason);
        Assert.Equal([0, 2], batches.SelectMany(b => b.Positions[..b.Count]));
    }

    [Fact]
    public void Stream_WithoutTimeField_TakesPositionOrArrivalAsTime()
    {
        var replay = Decoding.Ndjson(Decoding.Untimed, "{\"x\":1}\nbad\n{\"x\":2}");
        Assert.Equal([0, 2], replay.Times[..2]);
        Assert.Equal(EventBatch.UnknownArrival, replay.ArrivalMs);
        var decoder = new NdjsonDecoder(Decoding.Untimed) { ArrivalMs = 77 };
        byte[] line = [.. "{\"x\":1}\n"u8, .. new byte[IEventDecoder.Padding]];
        decoder.Decode(line, 0, 8, 10, final: true);
        var live = decoder.Build();
        Assert.Equal(77, live.Times[0]);
        Assert.Equal(77, live.ArrivalMs);
    }

    [Fact]
    public void Field_NotWanted_IsCheckedButNotKept()
    {
        var wanted = new bool[Decoding.AllTypes.Fields.Length];
        var input = "{\"ts\":1,\"s\":\"x\",\"n\":2,\"a\":[1],\"b\":true}\n{\"ts\":1,\"n\":\"x\"}\n"u8.ToArray();
        var batch = Assert.Single(Decoding.Ndjson(Decoding.AllTypes, input, 10, new DecoderOptions(wanted)));
        Assert.Equal(1, batch.Count);
        Assert.Single(batch.Rejected);
        Assert.All(batch.Columns.Skip(1), Assert.Null);
    }

    [Fact]
    public void Until_LeavesLaterEventsOut()
    {
        var options = new DecoderOptions(UntilMs: 3);
        var batches = Decoding.Ndjson(
            Decoding.AllTypes, "{\"ts\":1}\n{\"ts\":3}\n{\"ts\":2}\n"u8.ToArray(), 10, options);
        Assert.Equal([1, 2], Assert.Single(batches).Times[..2]);
    }
}
