using System.Text;
using System.Text.Json;
using Cep.Alerts;
using Cep.Connectors.Formats;
using Cep.Events;
using Cep.Plans;

namespace Cep.Connectors.Tests;

public sealed class AlertJsonTests
{
    [Fact]
    public void Alert_WithEverything_IsOneLineInTheOrderOfTheContract()
    {
        var alert = new Alert
        {
            Id = "id1",
            Rule = "card-testing",
            AtMs = 600_000,
            Status = AlertStatus.Firing,
            Severity = Severity.High,
            Key = [new("card", "c1")],
            Message = "a \"b\"\n\u0001é😀",
            Labels = [new("team", "x")],
            Fields =
            [
                new("n", 11.0), new("d", 0.1), new("l", 5L), new("b", true), new("z", null),
                new("t", DateTimeOffset.FromUnixTimeMilliseconds(1500)), new("w", TimeSpan.FromSeconds(90)),
                new("i", new object?[] { 1L, "y" }), new("o", new Dictionary<string, object?> { ["k"] = 1e300 }),
            ],
            Window = (0, 600_000),
            Revision = 0,
            Suppressed = 2,
            Evidence =
            [
                new Evidence("probe", Payment(17, 12.5), 0), new Evidence(null, Payment(18, null), 0),
            ],
        };
        var expected = """
            {"id":"id1","rule":"card-testing","at":"1970-01-01T00:10:00.000Z","status":"firing","severity":"high",
            "key":{"card":"c1"},"message":"a \"b\"\n\u0001é😀","labels":{"team":"x"},
            "fields":{"n":11,"d":0.1,"l":5,"b":true,"z":null,"t":"1970-01-01T00:00:01.500Z","w":"1m30s","i":[1,"y"],
            "o":{"k":1E+300}},
            "window":{"start":"1970-01-01T00:00:00.000Z","end":"1970-01-01T00:10:00.000Z"},"revision":0,"suppressed":2,
            "evidence":[{"step":"probe","stream":"payments","seq":17,"event":{"amount":12.5}},
            {"stream":"payments","seq":18,"event":{}}]}
            """.Replace("\n", "", StringComparison.Ordinal);
        Assert.Equal(expected, Json(alert));
        JsonDocument.Parse(Json(alert)).Dispose();
    }

    [Fact]
    public void Text_OfAnyCharacters_ReadsBackTheSame()
    {
        var random = new Random(5);
        for (var i = 0; i < 2000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => RandomRune(random).ToString()));
            var buffer = new Utf8Buffer(1);
            AlertJson.Value(buffer, text);
            Assert.Equal(text, JsonSerializer.Deserialize<string>(buffer.Written));
        }
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1, "1ms")]
    [InlineData(90_000, "1m30s")]
    [InlineData(-5_400_000, "-1h30m")]
    [InlineData(1_209_600_000, "14d")]
    public void Duration_AsText_ReadsBackTheSame(long ms, string text)
    {
        Assert.Equal(text, DurationText.Format(ms));
        Assert.True(DurationText.TryParse(Encoding.UTF8.GetBytes(text), out var back));
        Assert.Equal(ms, back);
    }

    [Fact]
    public void Time_OfAnyMillisecond_IsWrittenAsByTheFramework()
    {
        var random = new Random(6);
        for (var i = 0; i < 20_000; i++)
        {
            var ms = random.NextInt64(IsoTime.MinMs, IsoTime.MaxMs + 1);
            var buffer = new byte[24];
            IsoTime.Write(buffer, ms);
            var expected = DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", null);
            Assert.Equal(expected, Encoding.ASCII.GetString(buffer));
            Assert.True(IsoTime.TryParse(buffer, out var back));
            Assert.Equal(ms, back);
        }
    }

    [Fact]
    public void AlertLines_WithAFloor_ComeInTheFinalOrder()
    {
        var random = new Random(7);
        var alerts = Enumerable.Range(0, 3000)
            .Select(
                i =>
                    Simple(
                    $"r{random.Next(3)}", i / 10 * 100 + random.Next(500), $"k{random.Next(4)}",
                    $"i{random.Next(1000)}"))
            .ToList();
        using var output = new MemoryStream();
        var lines = new AlertLines(output);
        for (var i = 0; i < alerts.Count; i++)
        {
            lines.Add(alerts[i]);
            lines.Release(i / 10 * 100, now: i % 7 == 0);
        }

        var early = output.Length;
        lines.Complete();
        Assert.InRange(early, 1, output.Length - 1);
        var expected = alerts.OrderBy(a => a.AtMs).ThenBy(a => a.Rule, StringComparer.Ordinal)
            .ThenBy(a => (string)a.Key[0].Value!, StringComparer.Ordinal).ThenBy(a => a.Id, StringComparer.Ordinal)
                .Select(Json);
        Assert.Equal(expected, Encoding.UTF8.GetString(output.ToArray()).TrimEnd('\n').Split('\n'));
    }

    private static EventBatch Payment(long position, double? amount)
    {
        var builder = new EventBatchBuilder(new StreamSchema("payments", [new("amount", DataType.Number)]))
        {
            Position = position,
        };
        builder.Columns[0].SetValue(0, amount);
        builder.Commit(1);
        return builder.Build();
    }

    private static Rune RandomRune(Random random)
    {
        while (true)
            if (Rune.TryCreate(random.Next(3) == 0 ? random.Next(0x20) : random.Next(0x11000), out var rune))
                return rune;
    }

    private static Alert Simple(string rule, long at, string key, string id) => new()
    {
        Id = id,
        Rule = rule,
        AtMs = at,
        Status = AlertStatus.Resolved,
        Severity = Severity.Low,
        Key = [new("k", key)],
        Message = "",
        Labels = [],
        Fields = [],
        Evidence = [],
    };

    private static string Json(Alert alert)
    {
        var buffer = new Utf8Buffer(1);
        AlertJson.Write(buffer, alert);
        return Encoding.UTF8.GetString(buffer.Written);
    }
}
