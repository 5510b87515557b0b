using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Cep.Connectors.Formats;
using Cep.Events;

namespace Cep.Connectors.Tests;

/// <summary>The decoder against System.Text.Json on random lines, sound and damaged.</summary>
public sealed class NdjsonOracleTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void RandomLines_AreReadAsByTheOracle(int seed)
    {
        var random = new Random(seed);
        var lines = Enumerable.Range(0, 20_000).Select(_ => RandomLine(random)).ToArray();
        var input = lines.SelectMany(l => l.Append((byte)'\n')).ToArray();
        var rows = Rows(Decoding.Ndjson(Decoding.AllTypes, input, random.Next(1, 500), null, random.Next(600, 60_000)));
        for (var i = 0; i < lines.Length; i++)
        {
            var expected = Oracle(lines[i]);
            var text = Encoding.UTF8.GetString(lines[i]);
            Assert.True(rows.TryGetValue(i, out var row), text);
            Assert.True(
                (expected is null) == (row is null),
                $"{text}: {(expected is null ? "rejected" : "read")} by the oracle");
            if (expected is not null)
                Assert.True(
                    expected.SequenceEqual(row!), $"{text}: {string.Join("|", expected)} / {string.Join("|", row!)}");
        }
    }

    private static Dictionary<long, object?[]?> Rows(List<EventBatch> batches)
    {
        var rows = new Dictionary<long, object?[]?>();
        foreach (var batch in batches)
        {
            for (var row = 0; row < batch.Count; row++)
                rows.Add(batch.Positions[row], [.. batch.Columns.Select(c => Plain(c.ValueAt(row)))]);
            foreach (var rejected in batch.Rejected)
                rows.Add(rejected.Position, null);
        }

        return rows;
    }

    private static object? Plain(object? value)
    {
        if (value is null or string or bool or long or double)
            return value;
        var buffer = new Utf8Buffer();
        AlertJson.Value(buffer, value);
        return Encoding.UTF8.GetString(buffer.Written);
    }

    private static byte[] RandomLine(Random random)
    {
        var fields = Decoding.AllTypes.Fields.Where(_ => random.Next(6) > 0).ToList();
        if (random.Next(4) == 0)
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(fields));
        var gap = random.Next(3) == 0 ? " " : "";
        var members = fields.Select(
            f => $"\"{f.Name}\":{gap}{RandomValue(random, random.Next(40) == 0 ? DataType.Any : f.Type)}").ToList();
        while (random.Next(3) == 0)
            members.Insert(
                random.Next(members.Count + 1), $"\"x{random.Next(5)}\":{gap}{RandomValue(random, DataType.Any)}");
        if (members.Count == 0)
            members.Add("\"q\":1");
        var line = Encoding.UTF8.GetBytes($"{{{string.Join("," + gap, members)}}}{(random.Next(9) == 0 ? "\r" : "")}");
        if (random.Next(8) == 0)
            line[random.Next(line.Length)] = (byte)"{}[]\",:0e\\ x\u0001-.tn"[random.Next(17)];
        return random.Next(30) == 0 ? line[..random.Next(1, line.Length)] : line;
    }

    private static string RandomValue(Random random, DataType type, int depth = 0) => type switch
    {
        _ when random.Next(12) == 0 => "null",
        DataType.Timestamp =>
            random.Next(2) == 0 ? random.NextInt64(-1 << 30, 1L << 41).ToString(CultureInfo.InvariantCulture)
            : $"\"{DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(1L << 41)):yyyy-MM-ddTHH:mm:ss.fffzzz}\"",
        DataType.String => RandomText(random),
        DataType.Number => RandomNumber(random),
        DataType.Integer =>
            (random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64)).ToString(CultureInfo.InvariantCulture),
        DataType.Bool => random.Next(2) == 0 ? "true" : "false",
        DataType.Duration => random.Next(2) == 0 ? $"\"{random.Next(9)}h{random.Next(60)}s\"" : RandomNumber(random),
        DataType.List => $"[{string.Join(",", Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(100)))}]",
        _ => RandomAny(random, depth),
    };

    private static string RandomAny(Random random, int depth) => random.Next(depth > 3 ? 3 : 6) switch
    {
        0 => RandomText(random),
        1 => RandomNumber(random),
        2 => "true",
        3 => $"[{RandomValue(random, DataType.Any, depth + 1)},{RandomValue(random, DataType.Any, depth + 1)}]",
        4 => $"{{\"k\":{RandomValue(random, DataType.Any, depth + 1)}}}",
        _ => "{}",
    };

    private static string RandomText(Random random)
    {
        var text = new StringBuilder("\"");
        for (var i = random.Next(24); i > 0; i--)
            text.Append(
                random.Next(
                    12) switch
                {
                    0 =>
                        "\\n",
                    1 =>
                        "é",
                    2 => "\\u00fc",
                    3 => "\\\"",
                    _ => ((char)('a' + random.Next(26))).ToString()
                });
        return text.Append('"').ToString();
    }

    private static string RandomNumber(Random random) => random.Next(5) switch
    {
        0 => random.Next(1000).ToString(CultureInfo.InvariantCulture),
        1 => (random.NextDouble() * 1000).ToString("0.00", CultureInfo.InvariantCulture),
        2 =>
            BitConverter.Int64BitsToDouble(random.NextInt64() & 0x7FDFFFFFFFFFFFFF)
            .ToString("R", CultureInfo.InvariantCulture),
        3 => $"{random.NextInt64()}.{random.NextInt64()}e{random.Next(-30, 30)}",
        _ => $"-{random.Next(50)}e{random.Next(4)}",
    };

    private static object?[]? Oracle(byte[] line)
    {
        try
        {
            if (!System.Text.Unicode.Utf8.IsValid(line))
                return null;
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            var values = new object?[Decoding.AllTypes.Fields.Length];
            foreach (var member in document.RootElement.EnumerateObject())
                if (Decoding.AllTypes.IndexOf(member.Name) is var field and >= 0)
                    values[field] = Convert(member.Value, Decoding.AllTypes.Fields[field].Type);
            return values[0] is null ? null : values;
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or FormatException
                or OverflowException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static object? Convert(JsonElement value, DataType type) =>
        value.ValueKind == JsonValueKind.Null ? null : type switch
        {
            DataType.String => value.ValueKind == JsonValueKind.String ? value.GetString()
                : throw new FormatException(),
            DataType.Bool => value.GetBoolean(),
            DataType.Number => Finite(value),
            DataType.Integer => Whole(value),
            DataType.Timestamp when value.ValueKind == JsonValueKind.String =>
                DateTimeOffset.ParseExact(
                    WithT(value.GetString()!), "yyyy-MM-ddTHH:mm:ss.fffzzz", CultureInfo.InvariantCulture)
                        .ToUnixTimeMilliseconds(),
            DataType.Timestamp =>
                DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Floor(Finite(value))).ToUnixTimeMilliseconds(),
            DataType.Duration when value.ValueKind == JsonValueKind.String => HoursAndSeconds(value.GetString()!),
            DataType.Duration =>
                Math.Abs(Finite(value)) < 1L << 53 ? (long)Math.Floor(Finite(value)) : throw new FormatException(),
            DataType.List => value.ValueKind == JsonValueKind.Array
                ? $"[{string.Join(",", value.EnumerateArray().Select(v => Convert(v, DataType.Integer) ?? "null"))}]"
                : throw new FormatException(),
            _ => Plain(Any(value)),
        };

    // a blank or a small t between date and time is fine with the decoder
    private static string WithT(string time) =>
        time.Length > 10 && time[10] is ' ' or 't' ? $"{time[..10]}T{time[11..]}" : time;

    private static double Finite(JsonElement value) =>
        double.IsFinite(value.GetDouble()) ? value.GetDouble() : throw new FormatException();

    private static long Whole(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number)
            throw new FormatException();
        var parts = value.GetRawText().ToLowerInvariant().Split('e');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var scale = (parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0) - (
            point < 0 ? 0 : parts[0].Length - point - 1);
        var mantissa = BigInteger.Parse(
            parts[0].Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        if (mantissa == 0)
            return 0;
        if (scale > 400 || scale < -400)
            throw new FormatException();
        if (scale >= 0)
            return checked((long)(mantissa * BigInteger.Pow(10, scale)));
        return BigInteger.Remainder(mantissa, BigInteger.Pow(10, -scale)) == 0
            ? checked((long)(mantissa / BigInteger.Pow(10, -scale)))
            : throw new FormatException();
    }

    private static long HoursAndSeconds(string text)
    {
        var parts = text.TrimEnd('s').Split('h');
        return text.EndsWith('s') && parts.Length == 2 && parts.All(p => p.Length > 0 && p.All(char.IsAsciiDigit))
            ? long.Parse(parts[0], CultureInfo.InvariantCulture) * 3_600_000 + long.Parse(
                parts[1], CultureInfo.InvariantCulture) * 1000
            : throw new FormatException();
    }

    private static object? Any(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number when value.TryGetInt64(out var integer) && value.GetRawText() != "-0" => integer,
        JsonValueKind.Number => Finite(value),
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.Null => null,
        JsonValueKind.Array => value.EnumerateArray().Select(Any).ToArray(),
        _ => value.EnumerateObject().GroupBy(m => m.Name).ToDictionary(g => g.Key, g => Any(g.Last().Value)),
    };
}
