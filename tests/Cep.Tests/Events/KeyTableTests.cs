using System.Buffers;
using Cep.Detection;
using Cep.Events;
using Cep.Expressions;
using Cep.Expressions.Evaluation;
using Cep.Plans;
using Cep.State;
using Xunit;

namespace Cep.Tests.Events;

public sealed class KeyTableTests
{
    private static readonly StreamSchema Schema = new(
        "s", [new("ts", DataType.Timestamp), new("k", DataType.String), new("n", DataType.Integer)], "ts");

    private static readonly NamedExpr Text = new("k", new FieldExpr(0, 1, "k", DataType.String));

    private static readonly NamedExpr Number = new("n", new FieldExpr(0, 2, "n", DataType.Integer));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Slots_EqualKeys_HaveOneSlotWhateverTheirPool(bool twoParts)
    {
        var table = Table(twoParts, 0, 1);
        var first = SlotsOf(table, Batch(0, 500));

        Assert.Equal(first, SlotsOf(table, Batch(0, 500)));
        Assert.Equal(first.Distinct().Count(), table.Count);
        var (name, slot) = ("k7", first[7]);
        Assert.Equal(twoParts ? [name, 7L] : [name], table.KeyOf(slot));
    }

    [Fact]
    public void Slots_NullAndEmptyText_AreKeysOfTheirOwn()
    {
        var table = Table(false, 0, 1);
        var builder = new EventBatchBuilder(Schema);
        foreach (var text in new[] { null, "", "null" })
            Add(builder, text, 0);

        var slots = SlotsOf(table, builder.Build());

        Assert.Equal([0, 1, 2], slots);
        Assert.Equal([null, "", "null"], slots.Select(s => table.KeyOf(s)[0]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Slots_OfPartitions_HoldEachKeyInOneOfThem(bool twoParts)
    {
        KeyTable[] tables = [.. Enumerable.Range(0, 3).Select(i => Table(twoParts, i, 3))];

        var slots = tables.Select(t => SlotsOf(t, Batch(0, 300))).ToList();

        for (var i = 0; i < 300; i++)
            Assert.Single(slots, s => s[i] != KeyTable.Elsewhere);
        Assert.Equal(300, tables.Sum(t => t.Count));
        Assert.All(tables, t => Assert.InRange(t.Count, 60, 140));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Load_WhatWasSaved_GivesEachKeyToItsPartition(int partitions)
    {
        var table = Table(false, 0, 1);
        var before = SlotsOf(table, Batch(0, 200));
        var bytes = new ArrayBufferWriter<byte>();
        table.Save(new StateWriter(bytes));

        var found = 0;
        for (var i = 0; i < partitions; i++)
        {
            var copy = Table(false, i, partitions);
            var map = copy.Load(new StateReader(bytes.WrittenSpan.ToArray()));
            Assert.Equal(SlotsOf(copy, Batch(0, 200)), before.Select(s => map[s]));
            found += copy.Count;
        }

        Assert.Equal(200, found);
    }

    [Fact]
    public void Sweep_KeysThatNothingHolds_GoAndTheirSlotsComeAgain()
    {
        const int Many = 1 << 16;
        var table = Table(false, 0, 1);
        var batch = Batch(0, Many);
        var before = SlotsOf(table, batch);
        var released = new HashSet<int>();

        table.Sweep(Many, slot => slot % 3 == 0, slot => released.Add(slot));

        Assert.Equal(before.Where(s => s % 3 != 0), released.Order());
        Assert.Equal(Many - released.Count, table.Count);
        Assert.All(released, slot => Assert.False(table.IsLive(slot)));
        var after = SlotsOf(table, batch);
        Assert.Equal(Many, after.Distinct().Count());
        Assert.Equal(Many, table.Limit);
        for (var i = 0; i < Many; i++)
        {
            Assert.True(before[i] % 3 != 0 || after[i] == before[i]);
            Assert.Equal($"k{i}", table.KeyOf(after[i])[0]);
        }
    }

    private static KeyTable Table(bool twoParts, int partition, int partitions)
    {
        ValueList<NamedExpr> by = twoParts ? [Text, Number] : [Text];
        return new KeyTable([by], new KeyShare(partition, partitions, 0));
    }

    private static int[] SlotsOf(KeyTable table, EventBatch batch)
    {
        var slots = new int[batch.Count];
        int[] rows = [.. Enumerable.Range(0, batch.Count)];
        table.Slots(0, rows, new Frame { Columns = batch.Columns }, slots);
        return slots;
    }

    /// <summary>A batch with a pool of its own.</summary>
    private static EventBatch Batch(int from, int count)
    {
        var builder = new EventBatchBuilder(Schema);
        for (var i = from; i < from + count; i++)
            Add(builder, $"k{i}", i);
        return builder.Build();
    }

    private static void Add(EventBatchBuilder builder, string? text, long number)
    {
        builder.Columns[0].SetValue(builder.Count, 0L);
        builder.Columns[1].SetValue(builder.Count, text);
        builder.Columns[2].SetValue(builder.Count, number);
        builder.Commit();
    }
}
