using System.Buffers;
using Cep.Events;
using Cep.State;
using Xunit;

namespace Cep.Tests.Events;

public sealed class RowStoreTests
{
    private static readonly StreamSchema Schema = new(
        "s",
        [new("ts", DataType.Timestamp), new("a", DataType.String), new("b", DataType.String), new("x", DataType.Number),
            new("f", DataType.Bool), new("any", DataType.Any)],
        "ts");

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rows_FromBatchesWithChangingPools_KeepTheirValues(int seed)
    {
        var random = new Random(seed);
        var store = new RowStore(Schema, []);
        var kept = new Dictionary<int, object?[]>();
        var builder = new EventBatchBuilder(Schema, capacity: 8);
        for (var round = 0; round < 60; round++)
        {
            if (random.Next(4) == 0)
                builder = new EventBatchBuilder(Schema, capacity: 8);
            var rows = Fill(builder, random);
            var batch = builder.Build();
            for (var row = 0; row < rows.Count; row++)
                Change(store, kept, random, batch, row, rows[row]);
            if (random.Next(12) == 0)
                store = Restored(store, ref kept);
            Check(store, kept);
        }
    }

    private static List<object?[]> Fill(EventBatchBuilder builder, Random random)
    {
        var rows = new List<object?[]>();
        for (var n = random.Next(1, 20); n > 0; n--)
        {
            object?[] row =
            [
                random.NextInt64(1000), Text(random), Text(random), random.Next(5) == 0 ? null : random.NextDouble(),
                random.Next(3) == 0 ? null : random.Next(2) == 0, random.Next(3) == 0 ? null : Text(random),
            ];
            for (var i = 0; i < row.Length; i++)
                builder.Columns[i].SetValue(builder.Count, row[i]);
            builder.Commit();
            rows.Add(row);
        }

        return rows;
    }

    private static void Change(
        RowStore store, Dictionary<int, object?[]> kept, Random random, EventBatch batch, int row, object?[] values)
    {
        if (kept.Count == 0 || random.Next(2) == 0)
        {
            var at = store.Add(batch, row, []);
            Assert.True(kept.TryAdd(at, values), "the row is in use already");
            return;
        }

        var any = kept.Keys.ElementAt(random.Next(kept.Count));
        if (random.Next(2) == 0)
        {
            store.Replace(any, batch, row, []);
            kept[any] = values;
        }
        else
        {
            store.Remove(any);
            kept.Remove(any);
        }
    }

    private static RowStore Restored(RowStore store, ref Dictionary<int, object?[]> kept)
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var row in kept.Keys)
            store.Save(new StateWriter(bytes), row);
        var copy = new RowStore(Schema, []);
        var reader = new StateReader(bytes.WrittenSpan.ToArray());
        kept = kept.Values.ToDictionary(_ => copy.Load(reader), v => v);
        Assert.True(reader.AtEnd);
        return copy;
    }

    private static void Check(RowStore store, Dictionary<int, object?[]> kept)
    {
        Assert.Equal(kept.Count, store.Count);
        int[] rows = [.. kept.Keys];
        var batch = store.ToBatch(rows);
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.Equal(kept[rows[i]], store.Columns.Select(c => c.ValueAt(rows[i])));
            Assert.Equal(kept[rows[i]], batch.Columns.Select(c => c.ValueAt(i)));
            Assert.Equal(kept[rows[i]][0], batch.Times[i]);
        }
    }

    private static string? Text(Random random) => random.Next(6) == 0 ? null : $"t{random.Next(30)}";
}
