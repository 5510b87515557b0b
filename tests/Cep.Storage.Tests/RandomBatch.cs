using Cep.Events;

namespace Cep.Storage.Tests;

/// <summary>Events of every type, with nulls, of shapes that a codec treats differently.</summary>
internal static class RandomBatch
{
    public static readonly StreamSchema Schema = new(
        "all",
        [
            new("ts", DataType.Timestamp), new("n", DataType.Integer), new("x", DataType.Number),
            new("s", DataType.String), new("id", DataType.String), new("b", DataType.Bool),
            new("d", DataType.Duration), new("any", DataType.Any), new("list", DataType.List, DataType.Integer),
        ],
        "ts");

    public static EventBatch Make(Random random, int rows, bool[]? wanted = null)
    {
        var builder = new EventBatchBuilder(Schema, 4, wanted) { Position = random.Next(1000) };
        var shape = random.Next(6);
        var time = random.NextInt64(-1L << 40, 1L << 41);
        for (var row = 0; row < rows; row++)
        {
            time += shape == 0 ? random.NextInt64(-5000, 5000) : random.Next(3);
            Set(builder, 0, time);
            foreach (var field in Enumerable.Range(1, Schema.Fields.Length - 1))
                Set(builder, field, random.Next(4) == 0 && shape != 1 ? null : Value(random, field, shape, row));
            builder.Commit();
            if (random.Next(20) == 0)
                builder.Reject("no good", "raw");
        }

        var batch = builder.Build(random.Next(2) == 0 ? time : EventBatch.UnknownArrival);
        batch.Duplicates = random.Next(3);
        batch.Shed = random.Next(3);

        // the entrance gives positions: the events first, then what was rejected
        for (var row = 0; row < rows; row++)
            batch.Positions[row] = 100 + row;
        return batch;
    }

    /// <summary>All that the batch says, as lines.</summary>
    public static IEnumerable<string> Lines(EventBatch batch, Func<int, bool>? columns = null)
    {
        yield return $"{batch.Count} {batch.ArrivalMs} {batch.Rejected.Count} {batch.Duplicates} {batch.Shed}";
        for (var row = 0; row < batch.Count; row++)
        {
            var values = Enumerable.Range(0, batch.Columns.Length).Where(c => columns?.Invoke(c) ?? true)
                .Select(c => batch.Columns[c] is { } column ? Text(column.ValueAt(row)) : "absent");
            yield return $"{batch.Positions[row]} {batch.Times[row]} {string.Join(' ', values)}";
        }
    }

    private static void Set(EventBatchBuilder builder, int field, object? value) =>
        builder.Columns[field]?.SetValue(builder.Count, value);

    private static object? Value(Random random, int field, int shape, int row) => (field, shape) switch
    {
        (1, 0) => random.NextInt64(long.MinValue, long.MaxValue),
        (1, 1) => 7L,
        (1, 2) => (long)row * 1000,
        (1, _) => (long)random.Next(-200, 70_000),
        (2, 0) => random.NextDouble() * Math.Pow(10, random.Next(-300, 300)),
        (2, 1) => -0.0,
        (2, 2) => (double)row,
        (2, _) => random.Next(100_000) / 100.0,
        (3, _) => "v" + random.Next(shape == 3 ? 1 : 300),
        (4, _) => $"ünique-{row}",
        (5, _) => random.Next(2) == 0,
        (6, _) => random.NextInt64(-100, 1L << 33),
        (7, _) => random.Next(5) switch
        {
            0 => "text",
            1 => 1.5,
            2 => true,
            3 => new object?[] { 1L, null, "x" },
            _ => new Dictionary<string, object?> { ["a"] = 1L, ["b"] = new object?[] { 2.5 } },
        },
        _ => Enumerable.Range(0, random.Next(3)).Select(i => (object?)(long)i).ToArray(),
    };

    private static string Text(object? value) => value switch
    {
        null => "null",
        double number => BitConverter.DoubleToInt64Bits(number).ToString(
            System.Globalization.CultureInfo.InvariantCulture),
        object?[] items => "[" + string.Join(',', items.Select(Text)) + "]",
        Dictionary<string, object?> map => "{" + string.Join(',', map.Select(m => m.Key + Text(m.Value))) + "}",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value}"),
    };
}
