using System.Globalization;
using System.Text;
using Cep.Connectors.Mqtt;
using Cep.Events;

namespace Cep.Connectors.Tests;

public sealed class PayloadFormatTests
{
    private static readonly StreamSchema SenML = new(
        "measurements",
        [
            new("t", DataType.Timestamp), new("n", DataType.String), new("u", DataType.String),
            new("v", DataType.Number), new("vs", DataType.String), new("vb", DataType.Bool), new("s", DataType.Number),
        ],
        "t");

    private static readonly StreamSchema Metrics = new(
        "metrics",
        [
            new("timestamp", DataType.Timestamp), new("group", DataType.String), new("edge", DataType.String),
            new("device", DataType.String), new("type", DataType.String), new("name", DataType.String),
            new("alias", DataType.Integer), new("datatype", DataType.String), new("value", DataType.Any),
        ],
        "timestamp");

    // RFC 8428, 5.1.2, 5.1.3, 5.1.5 and 5.1.4 shortened
    [Theory]
    [InlineData(
        """[{"bn":"urn:dev:ow:10e2073a01080063","u":"Cel","v":23.1}]""", "urn:dev:ow:10e2073a01080063 Cel 23.1")]
    [InlineData(
        """
        [{"bn":"urn:dev:ow:10e2073a01080063:","n":"voltage","u":"V","v":120.1},{"n":"current","u":"A","v":1.2}]
        """,
        "urn:dev:ow:10e2073a01080063:voltage V 120.1|urn:dev:ow:10e2073a01080063:current A 1.2")]
    [InlineData(
        """
        [{"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":5,
          "n":"voltage","u":"V","v":120.1},{"n":"current","t":-5,"v":1.2},{"n":"current","t":-4,"v":1.3}]
        """,
        "urn:dev:ow:10e2073a0108006:voltage V 120.1 @1276020076001|urn:dev:ow:10e2073a0108006:current A 1.2 "
        + "@1276020071001|urn:dev:ow:10e2073a0108006:current A 1.3 @1276020072001")]
    [InlineData(
        """
        [{"bn":"a:","bv":10,"bs":100,"bt":1320067464},{"n":"x","v":1},{"n":"y","vs":"on","s":1},{"n":"z","vb":true}]
        """,
        "a:x 11 100 @1320067464000|a:y on 101 @1320067464000|a:z True 100 @1320067464000")]
    public void SenML_OfTheSpecification_IsResolved(string json, string expected)
    {
        var batch = Decode(SenML, PayloadFormat.SenML, ("s", Encoding.UTF8.GetBytes(json)));
        Assert.Empty(batch.Rejected);
        var shown = Enumerable.Range(0, batch.Count).Select(row => string.Join(' ', Parts(batch, row)));
        Assert.Equal(expected, string.Join('|', shown));
    }

    [Theory]
    [InlineData("""{"n":"a","v":1}""", "SenML is a list, not an object")]
    [InlineData("""[{"v":1}]""", "record 0: it has no name")]
    [InlineData("""[{"n":"a","v":1},{"n":"b"}]""", "record 1: it has no value and no sum")]
    [InlineData("""[{"n":"a","v":1,"vs":"x"}]""", "record 0: it has more than one of v, vs, vb, vd")]
    [InlineData("""[{"n":"a","v":1,"odd_":"x"}]""", "record 0: 'odd_' must be understood, and is not")]
    [InlineData("""[{"bver":11,"n":"a","v":1}]""", "record 0: SenML of version 11 is not known")]
    [InlineData("""[{"bt":"x","n":"a","v":1}]""", "broken JSON: a value of another kind, or an escape that is no ")]
    [InlineData("""[{"n":"a","v":1}""", "broken JSON at byte 17: Expected depth to be zero at the end of the JSON ")]
    public void SenML_ThatIsNone_IsRejectedAsAWhole(string json, string reason)
    {
        var batch = Decode(SenML, PayloadFormat.SenML, ("s", Encoding.UTF8.GetBytes(json)));
        Assert.Equal(0, batch.Count);
        Assert.StartsWith($"topic 's': {reason}", Assert.Single(batch.Rejected).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Sparkplug_AliasesOfABirth_GiveTheDataTheirNames()
    {
        var birth = Payload(1626475881000, Metric("Temp", 10, 9, Float(22.200958f)), Metric("Count", 11, 3, Int(-5)));
        var data = Payload(1626475884000, Metric(null, 10, null, Float(22.177643f)), Metric(null, 11, null, Int(-6)));
        var batch = Decode(
            Metrics, PayloadFormat.Sparkplug,
            ("spBv1.0/SF/DDATA/epiclc/Exp501", data), ("spBv1.0/SF/DBIRTH/epiclc/Exp501", birth),
            ("spBv1.0/SF/DDATA/epiclc/Exp501", data), ("spBv1.0/SF/NBIRTH/epiclc", Payload(1)),
            ("spBv1.0/SF/DDATA/epiclc/Exp501", data));
        Assert.Empty(batch.Rejected);
        var names = Enumerable.Range(0, batch.Count).Select(r => (batch.Value("name", r), batch.Value("value", r)));
        Assert.Equal(
            [
                (null, 22.177643), (null, 4294967290L), ("Temp", 22.200958), ("Count", -5L),
                ("Temp", 22.177643), ("Count", -6L), (null, 22.177643), (null, 4294967290L),
            ],
            names);
        Assert.Equal(
            ("SF", "epiclc", "Exp501", "DDATA", "Float", 1626475884000L),
            (batch.Value("group", 4), batch.Value("edge", 4), batch.Value("device", 4), batch.Value("type", 4),
                batch.Value("datatype", 4), batch.Value("timestamp", 4)));
    }

    [Fact]
    public void Sparkplug_AsJson_IsTheSame()
    {
        const string Json =
            """
            {"timestamp":1700000002000,"seq":7,"metrics":[{"name":"Strategy/IO/Temp","alias":10,
             "timestamp":1700000001999,"dataType":"Double","value":22.247711},
             {"name":"Properties/Online","dataType":"Boolean","value":true}]}
            """;
        var batch = Decode(Metrics, PayloadFormat.Sparkplug, ("gateway/1", Encoding.UTF8.GetBytes(Json)));
        Assert.Equal(("Strategy/IO/Temp", 22.247711), (batch.Value("name"), batch.Value("value")));
        Assert.Equal(
            ("Properties/Online", true, 1700000002000L),
            (batch.Value("name", 1), batch.Value("value", 1), batch.Value("timestamp", 1)));
    }

    [Fact]
    public void Sparkplug_CutOrFlipped_IsRejectedOrReadButNeverBreaks()
    {
        var random = new Random(3);
        var whole = Payload(5, Metric("Temp", 10, 10, Double(1.5)), Metric("State", 2, 12, Text("on")));
        for (var i = 0; i < 5000; i++)
        {
            var bytes = whole[..random.Next(1, whole.Length + 1)];
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var batch = Decode(Metrics, PayloadFormat.Sparkplug, ("t", bytes));
            Assert.InRange(batch.Count + batch.Rejected.Count, 0, 10);
        }
    }

    [Fact]
    public void RecordedPayloads_OfDevices_AreReadOrRejected()
    {
        var data = Environment.GetEnvironmentVariable("CEP_DATA");
        Assert.SkipWhen(data is null, "CEP_DATA is not set: no recorded payloads");
        var schema = new StreamSchema(
            "device",
            [
                new("time", DataType.String), new("speed", DataType.Any), new("power", DataType.Number),
                new("total", DataType.Number), new("lat", DataType.Number),
            ]);
        var map = new Dictionary<string, string>
        {
            ["time"] = "$.Time",
            ["speed"] = "$.TX23.Speed.Act",
            ["power"] = "$.ENERGY.Power",
            ["total"] = "$.ENERGY.Total",
            ["lat"] = "$.payload.lat",
        };
        var folder = Path.Combine(data, "payloads");
        var tasmota = Decode(schema, map, "tasmota.ndjson", folder);
        Assert.Equal((11, 2), (tasmota.Count, tasmota.Rejected.Count));
        Assert.Equal(14.8, tasmota.Value("speed", 1));
        var tracks = Decode(schema, map, "owntracks_demo.ndjson", folder);
        Assert.Equal(25, tracks.Count + tracks.Rejected.Count);
        Assert.Equal(52.37888580984668, tracks.Value("lat"));
        foreach (var path in Directory.GetFiles(Path.Combine(folder, "telegraf_json"), "*.json"))
        {
            var batch = MessageDecoderTests.Decode(schema, map, ("t", File.ReadAllText(path)));
            Assert.True(batch.Count + batch.Rejected.Count > 0, path);
        }
    }

    private static EventBatch Decode(StreamSchema schema, Dictionary<string, string> map, string file, string folder) =>
        MessageDecoderTests.Decode(
            schema, map, [.. File.ReadLines(Path.Combine(folder, file)).Select(line => ("t", line))]);

    private static EventBatch Decode(
        StreamSchema schema, PayloadFormat format, params (string Topic, byte[] Payload)[] messages) =>
        MessageDecoderTests.Decode(schema, [], format, messages);

    private static IEnumerable<string> Parts(EventBatch batch, int row)
    {
        foreach (var field in new[] { "n", "u", "v", "vs", "vb", "s" })
            if (batch.Value(field, row) is { } value)
                yield return Convert.ToString(value, CultureInfo.InvariantCulture)!;
        if (batch.Times[row] < 1577836800000)
            yield return $"@{batch.Times[row]}";
    }

    private static byte[] Payload(ulong time, params byte[][] metrics)
    {
        IEnumerable<byte> bytes = [0x08, .. VarInt(time)];
        foreach (var metric in metrics)
            bytes = [.. bytes, 0x12, .. VarInt((ulong)metric.Length), .. metric];
        return [.. bytes];
    }

    private static byte[] Metric(string? name, ulong alias, ulong? type, byte[] value) =>
        [.. name is null ? [] : Field(1, Encoding.UTF8.GetBytes(name)), 0x10, .. VarInt(alias),
            .. type is { } t ? (byte[])[0x20, .. VarInt(t)] : [], .. value];

    private static byte[] Field(int number, byte[] data) =>
        [.. VarInt((ulong)(number << 3 | 2)), .. VarInt((ulong)data.Length), .. data];

    private static byte[] Int(int value) => [0x50, .. VarInt((uint)value)];

    private static byte[] Float(float value) => [0x65, .. BitConverter.GetBytes(value)];

    private static byte[] Double(double value) => [0x69, .. BitConverter.GetBytes(value)];

    private static byte[] Text(string text) => Field(15, Encoding.UTF8.GetBytes(text));

    private static byte[] VarInt(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
