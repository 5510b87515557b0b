using Cep.Events;
using Cep.Storage.Journal;

namespace Cep.Storage.Tests.Journal;

public sealed class BatchCodecTests
{
    [Fact]
    public void Batches_ComeBackAsTheyWere()
    {
        var encoder = new BatchEncoder();
        var decoder = new BatchDecoder(RandomBatch.Schema);
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var batch = RandomBatch.Make(random, random.Next(4) == 0 ? random.Next(3) : random.Next(400));
            var read = decoder.Decode(encoder.Encode(batch), 100);
            Assert.Equal(RandomBatch.Lines(batch), RandomBatch.Lines(read));
            Assert.Equal(batch.Rejected.Count == 0 ? [] : Enumerable.Range(100 + batch.Count, batch.Rejected.Count)
                .Select(p => (long)p), read.Rejected.Select(r => r.Position));
        }
    }

    [Fact]
    public void Fields_ThatAreNotWantedAreLeftOut_OrWereNeverThere()
    {
        var wanted = new bool[RandomBatch.Schema.Fields.Length];
        wanted[2] = wanted[3] = true;
        var encoder = new BatchEncoder();
        for (var seed = 0; seed < 50; seed++)
        {
            var whole = RandomBatch.Make(new Random(seed), 100);
            var some = new BatchDecoder(RandomBatch.Schema, wanted).Decode(encoder.Encode(whole), 100);
            Assert.Equal(
                RandomBatch.Lines(whole, c => c is 0 or 2 or 3), RandomBatch.Lines(some, c => c is 0 or 2 or 3));
            Assert.All(new[] { 1, 4, 5, 6, 7, 8 }, c => Assert.Null(some.Columns[c]));

            var sparse = RandomBatch.Make(new Random(seed), 100, wanted);
            var read = new BatchDecoder(RandomBatch.Schema).Decode(encoder.Encode(sparse), 100);
            Assert.Equal(
                RandomBatch.Lines(sparse, c => c is 0 or 2 or 3), RandomBatch.Lines(read, c => c is 0 or 2 or 3));
            Assert.All(new[] { 1, 4, 5, 6, 7, 8 }, c => Assert.Null(read.Columns[c].ValueAt(0)));
        }
    }

    [Fact]
    public void Streams_MayHaveOtherFieldsByNow()
    {
        var now = new StreamSchema(
            "all",
            [new("fresh", DataType.String), new("x", DataType.Number), new("n", DataType.String),
                new("ts", DataType.Timestamp)],
            "ts");
        var batch = RandomBatch.Make(new Random(1), 20);
        var read = new BatchDecoder(now).Decode(new BatchEncoder().Encode(batch), 0);
        Assert.Equal(batch.Times[..20], read.Times[..20]);
        for (var row = 0; row < 20; row++)
        {
            Assert.Equal(batch.Columns[2].ValueAt(row), read.Columns[1].ValueAt(row));
            Assert.Null(read.Columns[0].ValueAt(row));
            Assert.Null(read.Columns[2].ValueAt(row));
        }
    }

    [Fact]
    public void NewerVersions_AndDamage_AreTold()
    {
        var encoder = new BatchEncoder();
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var bytes = encoder.Encode(RandomBatch.Make(random, 50));
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            var cut = bytes.AsSpan(0, random.Next(2) == 0 ? bytes.Length : random.Next(bytes.Length)).ToArray();

            // a checksum stands before this: here it is enough that nothing else is thrown
            var thrown = Record.Exception(() => new BatchDecoder(RandomBatch.Schema).Decode(cut, 0));
            Assert.True(thrown is null or InvalidDataException, $"seed {seed}: {thrown}");
        }

        var newer = encoder.Encode(RandomBatch.Make(new Random(1), 1));
        newer[0] = 9;
        var told = Assert.Throws<InvalidDataException>(
            () => new BatchDecoder(RandomBatch.Schema).Decode(newer, 0));
        Assert.Equal("The record is of version 9; this program reads version 1.", told.Message);
    }

    /// <summary>What the first version wrote: whatever comes later must read it.</summary>
    [Fact]
    public void RecordsOfTheFirstVersion_AreReadForEver()
    {
        var batch = RandomBatch.Make(new Random(42), 9);
        var path = Path.Combine(Path.GetDirectoryName(Here())!, "batch-v1.hex");
        if (Environment.GetEnvironmentVariable("CEP_PIN") is not null)
            File.WriteAllText(path, Convert.ToHexString(new BatchEncoder().Encode(batch)) + "\n");
        var pinned = Convert.FromHexString(File.ReadAllText(path).Trim());
        var read = new BatchDecoder(RandomBatch.Schema).Decode(pinned, 100);
        Assert.Equal(RandomBatch.Lines(batch), RandomBatch.Lines(read));
    }

    private static string Here([System.Runtime.CompilerServices.CallerFilePath] string here = "") => here;

    [Fact]
    public void Amounts_TakeFewBytes()
    {
        var schema = new StreamSchema(
            "p", [new("ts", DataType.Timestamp), new("card", DataType.String), new("amount", DataType.Number)], "ts");
        var builder = new EventBatchBuilder(schema);
        var random = new Random(1);
        for (var row = 0; row < 4096; row++)
        {
            builder.Columns[0].Longs[row] = 1_767_225_600_000 + row * 3;
            builder.Columns[1].SetValue(row, "c" + random.Next(200));
            builder.Columns[2].Doubles[row] = random.Next(50_000) / 100.0;
            builder.Commit();
        }

        Assert.InRange(new BatchEncoder().Encode(builder.Build()).Length, 1, 4096 * 4);
    }
}
