using Cep.Storage.Embedded;

namespace Cep.Storage.Tests.Embedded;

/// <summary>
/// Files cut short and bytes turned over, in copies of a store that was killed: what is read afterwards is what was
/// written, and whatever is missing is told.
/// </summary>
public sealed class DamageTests : IDisposable
{
    private const int Records = 120;
    private readonly TempFolder _folder = new();

    [Fact]
    public void ATornLog_IsCut_AndWhatIsLostIsTold() => ForCopies(
        _folder["log"], 60, emptyLog: false, (random, copy) =>
        {
            using var file = File.Open(Path.Combine(copy, "cep.db-wal"), FileMode.Open);
            file.SetLength(random.NextInt64(file.Length));
        },
        mayFail: false);

    [Fact]
    public void BytesTurnedOverInTheLog_EndItThere_AndWhatIsLostIsTold() => ForCopies(
        _folder["flip"], 60, emptyLog: false, (random, copy) => Flip(random, Path.Combine(copy, "cep.db-wal")),
        mayFail: false);

    [Fact]
    public void BytesTurnedOverInTheDatabase_AreFound() => ForCopies(
        _folder["db"], 150, emptyLog: true, (random, copy) => Flip(random, Path.Combine(copy, "cep.db")),
        mayFail: true);

    public void Dispose() => _folder.Dispose();

    private static void Flip(Random random, string path)
    {
        using var file = File.Open(path, FileMode.Open);
        file.Position = random.NextInt64(file.Length);
        var found = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(found ^ 1 << random.Next(8)));
    }

    private static JournalRecord RecordOf(int sequence)
    {
        var body = new byte[sequence % 10 == 0 ? 40_000 : 300];
        new Random(sequence).NextBytes(body);
        return new JournalRecord(sequence, RecordKind.Events, body) { Stream = "p", Events = 3, KeptMs = sequence };
    }

    private static void ForCopies(
        string folder, int copies, bool emptyLog, Action<Random, string> damage, bool mayFail)
    {
        var original = Path.Combine(folder, "original");
        using (var store = EmbeddedStore.Open(original))
        {
            for (var i = 1; i <= Records; i++)
                store.Commit([new KeepRecord(RecordOf(i)), new KeepMark("s", "", BitConverter.GetBytes(i))]);
            if (!emptyLog)
                Copy(original, Path.Combine(folder, "killed"));
        }

        if (emptyLog)
            Copy(original, Path.Combine(folder, "killed"));
        for (var seed = 0; seed < copies; seed++)
        {
            var copy = Path.Combine(folder, $"copy{seed}");
            Copy(Path.Combine(folder, "killed"), copy);
            damage(new Random(seed), copy);
            Check(copy, seed, mayFail);
            Directory.Delete(copy, recursive: true);
        }
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var name in new[] { "cep.db", "cep.db-wal", "last" }.Where(n => File.Exists(Path.Combine(from, n))))
            File.Copy(Path.Combine(from, name), Path.Combine(to, name));
    }

    /// <summary>Each record is there as it was written, or told to be damaged or lost: none is wrong.</summary>
    private static void Check(string copy, int seed, bool mayFail)
    {
        var told = new HashSet<long>();
        try
        {
            using var store = EmbeddedStore.Open(copy);
            var last = store.Size().LastSequence;
            var lost = store.LostTail;
            if (last < Records)
                Assert.Equal(last + 1, lost?.Sequence);
            foreach (var record in store.ReadJournal(1, long.MaxValue, damaged => told.Add(damaged.Sequence)))
                Assert.True(
                    record.Body.Span.SequenceEqual(RecordOf((int)record.Sequence).Body.Span), $"seed {seed}: {record}");
            var marks = store.Marks();
            if (last == Records && marks.Count > 0)
                Assert.Equal(Records, BitConverter.ToInt32(marks[("s", "")]));

            // a mark is never further than the journal
            if (marks.Count > 0)
                Assert.True(BitConverter.ToInt32(marks[("s", "")]) <= last, $"seed {seed}");
        }
        catch (StoreException e)
        {
            Assert.True(mayFail, $"seed {seed}: {e}");
            Assert.NotEmpty(e.Message);
        }
    }
}
