using System.Text;

namespace Cep.Storage.Tests;

/// <summary>What every store must do. A store passes by a class of its own that says how to open it.</summary>
public abstract class StoreContract : IDisposable
{
    private IStore? _store;

    /// <summary>Opens the store of this test: the same one each time.</summary>
    protected abstract IStore Open();

    protected IStore Store => _store ??= Open();

    [Fact]
    public void Records_ComeBackInOrder_AlsoAfterReopening()
    {
        Assert.Equal(new StoreSize(Store.Size().Bytes, 1, 0), Store.Size());
        for (var i = 1; i <= 100; i++)
            Store.Commit([new KeepRecord(RecordOf(i))]);
        Store.Commit([.. Enumerable.Range(101, 50).Select(i => new KeepRecord(RecordOf(i)))]);
        Reopen();
        Assert.Equal((1, 150), (Store.Size().FirstSequence, Store.Size().LastSequence));
        AssertSame(Enumerable.Range(1, 150).Select(i => RecordOf(i)), Store.ReadJournal(1, long.MaxValue, Unexpected));
        AssertSame(Enumerable.Range(40, 3).Select(i => RecordOf(i)), Store.ReadJournal(40, 42, Unexpected));
        Assert.Empty(Store.ReadJournal(151, long.MaxValue, Unexpected));
    }

    [Fact]
    public void Commits_AreAllOrNothing()
    {
        Store.Commit([new KeepRecord(RecordOf(1)), new KeepMark("s", "", new byte[] { 1 })]);
        Assert.ThrowsAny<Exception>(() => Store.Commit(
        [
            new KeepRecord(RecordOf(2)), new KeepMark("s", "", new byte[] { 2 }), new KeepPosition("p", 9),
            new KeepAlert(AlertOf("a", 2), ["ops"]), new KeepRecord(RecordOf(4)),
        ]));
        Assert.Equal(1, Store.Size().LastSequence);
        Assert.Equal([1], Store.Marks()[("s", "")]);
        Assert.Empty(Store.Positions());
        Assert.Null(Store.Alert("a"));
        Store.Commit([new KeepRecord(RecordOf(2))]);
        Reopen();
        Assert.Equal(2, Store.ReadJournal(1, long.MaxValue, Unexpected).Count());
    }

    [Fact]
    public void Sequences_LeaveNoGap() =>
        Assert.Throws<InvalidOperationException>(() => Store.Commit([new KeepRecord(RecordOf(2))]));

    [Fact]
    public void MarksAndPositions_AreTheLastOnesKept()
    {
        Store.Commit([new KeepMark("a", "1", new byte[] { 1 }), new KeepMark("a", "2", Array.Empty<byte>())]);
        Store.Commit([new KeepMark("a", "1", new byte[] { 7, 8 }), new KeepPosition("p", 5)]);
        Store.Commit([new KeepPosition("p", 6), new KeepPosition("q", 1)]);
        Reopen();
        var marks = Store.Marks();
        Assert.Equal(2, marks.Count);
        Assert.Equal([7, 8], marks[("a", "1")]);
        Assert.Empty(marks[("a", "2")]);
        Assert.Equal(6, Store.Positions()["p"]);
        Assert.Equal(1, Store.Positions()["q"]);
    }

    [Fact]
    public void Alerts_AreKeptOnce_AndNeverChanged()
    {
        Assert.Empty(Store.Commit(
            [new KeepAlert(AlertOf("a", 1), ["ops", "chat"]), new KeepAlert(AlertOf("b", 1), [])]));
        Store.Commit([new KeepDelivery(new Delivery("ops", "a", DeliveryState.Delivered, 1, 5, null))]);
        var changed = AlertOf("a", 9) with { Body = "other"u8.ToArray() };
        Assert.Equal(
            ["a"], Store.Commit([new KeepAlert(changed, ["ops", "more"]), new KeepAlert(AlertOf("c", 9), [])]));
        Reopen();
        Assert.Equal(["a", "b", "c"], Store.Alerts(0, 10).Select(a => a.Alert.Id));
        Assert.Equal("body of a", Encoding.UTF8.GetString(Store.Alert("a")!.Body.Span));
        Assert.Equal(["chat"], Store.Deliveries(DeliveryState.Pending, 0, 10).Select(d => d.Delivery.Sink));
        var second = Store.Alerts(0, 2).Last().Place;
        Assert.Equal(["c"], Store.Alerts(second + 1, 10).Select(a => a.Alert.Id));
    }

    [Fact]
    public void DeadDeliveries_CanBeTriedAgain()
    {
        Store.Commit([new KeepAlert(AlertOf("a", 1), ["ops", "chat"]), new KeepAlert(AlertOf("b", 1), ["ops"])]);
        Store.Commit(
        [
            new KeepDelivery(new Delivery("ops", "a", DeliveryState.Dead, 3, 5, "refused")),
            new KeepDelivery(new Delivery("chat", "a", DeliveryState.Dead, 3, 5, "gone")),
            new KeepDelivery(new Delivery("ops", "b", DeliveryState.Delivered, 1, 5, null)),
        ]);
        Assert.Equal(["refused", "gone"], Store.Deliveries(DeliveryState.Dead, 0, 9)
            .Select(d => d.Delivery.Reason).OrderDescending());
        Assert.Equal(1, Store.RetryDead("ops", 7));
        Assert.Equal(("ops", "a"), Store.Deliveries(DeliveryState.Pending, 0, 9)
            .Select(d => (d.Delivery.Sink, d.Delivery.AlertId)).Single());
        Assert.Equal(1, Store.RetryDead(null, 7));
        Assert.Equal(0, Store.RetryDead(null, 7));
    }

    [Fact]
    public void Deliveries_ComeInPagesOfWholeAlerts()
    {
        for (var i = 0; i < 20; i++)
            Store.Commit([new KeepAlert(AlertOf("a" + i, 1), ["ops", "chat", "mail"])]);
        var seen = new List<(string, string)>();
        for (var place = 0L; ;)
        {
            var page = Store.Deliveries(DeliveryState.Pending, place, 7).ToList();
            Assert.All(page.GroupBy(d => d.Place), alert => Assert.Equal(3, alert.Count()));
            seen.AddRange(page.Select(d => (d.Delivery.AlertId, d.Delivery.Sink)));
            if (page.Count < 7)
                break;
            place = page[^1].Place + 1;
        }

        Assert.Equal(60, seen.Count);
        Assert.Equal(60, seen.Distinct().Count());
    }

    [Fact]
    public void DeadLetters_OfOnePositionAreKeptOnce()
    {
        var letter = new DeadLetter("rejected", "p", 3, 1, "no JSON", "{}"u8.ToArray());
        Store.Commit([new KeepDeadLetter(letter), new KeepDeadLetter(letter with { Kind = "ahead" })]);
        Store.Commit([new KeepDeadLetter(letter with { Reason = "again" })]);
        Assert.Equal(["no JSON", "no JSON"], Store.DeadLetters(0, 9).Select(l => l.Letter.Reason));
    }

    [Fact]
    public void Checkpoints_CountOnceTheyAreWhole()
    {
        var engine = Bytes(5_000_000);
        KeepCheckpoint(1, 10, engine);
        Store.Commit([new KeepPiece(2, "engine", 0, Bytes(100))]);
        Reopen();
        var found = Assert.Single(Store.Checkpoints());
        Assert.Equal((1L, 10L, "r"), (found.Id, found.Sequence, found.Rules));
        Assert.Equal(engine, Store.Section(found, "engine"));
        Assert.Equal([], Store.Section(found, "empty")!);
        Assert.Null(Store.Section(found, "other"));

        // the number of one that was never completed can be used again
        KeepCheckpoint(2, 20, Bytes(7));
        Assert.Equal([2L, 1L], Store.Checkpoints().Select(c => c.Id));
        Assert.Equal(Bytes(7), Store.Section(Store.Checkpoints()[0], "engine"));
    }

    [Fact]
    public void LettingGo_KeepsWhatIsNeeded()
    {
        for (var i = 1; i <= 30; i++)
            Store.Commit(
                [new KeepRecord(RecordOf(i)), new KeepAlert(AlertOf("a" + i, i) with { KeptMs = i }, ["ops"])]);
        for (var i = 1; i <= 30; i++)
            if (i != 3)
                Store.Commit([new KeepDelivery(new Delivery("ops", "a" + i, DeliveryState.Delivered, 1, 1, null))]);
        KeepCheckpoint(1, 5, Bytes(10));
        KeepCheckpoint(2, 20, Bytes(10));
        Store.Commit([new LetGo(20, [2], 15, 12)]);
        Store.Commit([new LetGo(20, [2], 15, 12)]);
        Assert.Equal((20, 30), (Store.Size().FirstSequence, Store.Size().LastSequence));
        Assert.Equal([2L], Store.Checkpoints().Select(c => c.Id));
        Assert.Equal(Bytes(10), Store.Section(Store.Checkpoints()[0], "engine"));

        // the third was never delivered
        Assert.Equal(["a3", "a15", "a16"], Store.Alerts(0, 3).Select(a => a.Alert.Id));
        Store.Commit([new LetGo(31, [2], 100, 100)]);

        // the last one stays, so that the next one has its number
        Assert.Equal((30, 30), (Store.Size().FirstSequence, Store.Size().LastSequence));
        Reopen();
        Store.Commit([new KeepRecord(RecordOf(31))]);
        Assert.Equal((30, 31), (Store.Size().FirstSequence, Store.Size().LastSequence));
    }

    [Fact]
    public void Records_AreFoundByTheTimeTheyWereKept()
    {
        Assert.Equal(1, Store.SequenceAt(0));
        for (var i = 1; i <= 40; i++)
            Store.Commit([new KeepRecord(RecordOf(i))]);
        Assert.Equal(1, Store.SequenceAt(0));
        Assert.Equal(17, Store.SequenceAt(RecordOf(17).KeptMs));
        Assert.Equal(18, Store.SequenceAt(RecordOf(17).KeptMs + 1));
        Assert.Equal(41, Store.SequenceAt(long.MaxValue));
    }

    [Fact]
    public void RuleTexts_ComeBack()
    {
        Store.Commit([new KeepRules("r1", Bytes(100_000))]);
        Assert.Equal(Bytes(100_000), Store.Rules("r1"));
        Assert.Null(Store.Rules("r2"));
    }

    public void Dispose()
    {
        _store?.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static JournalRecord RecordOf(long sequence) =>
        new(sequence, sequence % 7 == 0 ? "other" : RecordKind.Events, Bytes((int)(sequence * 997 % 60_000)))
        {
            Stream = "p" + sequence % 3,
            FirstPosition = sequence * 10,
            Events = 10,
            KeptMs = 1_000_000 + sequence * 10,
            FirstMs = sequence,
            LastMs = sequence + 5,
        };

    protected static bool Unexpected(DamagedRecord damage)
    {
        Assert.Fail(damage.ToString());
        return false;
    }

    protected void Reopen()
    {
        _store?.Dispose();
        _store = Open();
    }

    private static StoredAlert AlertOf(string id, long sequence) =>
        new(id, sequence, "rule", 5, 6, Encoding.UTF8.GetBytes("body of " + id));

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private static void AssertSame(IEnumerable<JournalRecord> expected, IEnumerable<JournalRecord> found) =>
        Assert.Equal(
            expected.Select(r => (r with { Body = default }, Convert.ToHexString(r.Body.Span))),
            found.Select(r => (r with { Body = default }, Convert.ToHexString(r.Body.Span))));

    private void KeepCheckpoint(long id, long sequence, byte[] engine)
    {
        var pieces = engine.Chunk(1 << 20).ToArray();
        for (var i = 0; i < pieces.Length; i++)
            Store.Commit([new KeepPiece(id, "engine", i, pieces[i])]);
        Store.Commit([new KeepCheckpoint(new CheckpointInfo(id, sequence, "r", 5,
        [
            new("engine", engine.Length, Checksum.Of(engine)), new("empty", 0, Checksum.Of([])),
        ]))]);
    }
}
