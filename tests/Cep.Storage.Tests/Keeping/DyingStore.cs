namespace Cep.Storage.Tests.Keeping;

/// <summary>
/// A store whose process dies at one of its commits: the commit is lost, or it is kept and nobody hears of it. Nothing
/// is kept from then on.
/// </summary>
internal sealed class DyingStore(IStore store, int commits, bool beforeLast) : IStore
{
    private int _left = commits;

    public DamagedRecord? LostTail => store.LostTail;

    public bool IsDead { get; private set; }

    /// <summary>How many commits there were.</summary>
    public int Commits { get; private set; }

    public IReadOnlyList<string> Commit(IReadOnlyList<StoreWrite> writes)
    {
        Commits++;
        if (IsDead || (--_left == 0 && beforeLast))
            throw Die();
        var known = store.Commit(writes);
        return _left == 0 ? throw Die() : known;
    }

    public StoreSize Size() => store.Size();

    public IEnumerable<JournalRecord> ReadJournal(long from, long to, Func<DamagedRecord, bool> onDamage) =>
        store.ReadJournal(from, to, onDamage);

    public long SequenceAt(long keptMs) => store.SequenceAt(keptMs);

    public IReadOnlyDictionary<string, long> Positions() => store.Positions();

    public IReadOnlyDictionary<(string Source, string Part), byte[]> Marks() => store.Marks();

    public IReadOnlyList<CheckpointInfo> Checkpoints() => store.Checkpoints();

    public byte[]? Section(CheckpointInfo checkpoint, string name) => store.Section(checkpoint, name);

    public byte[]? Rules(string name) => store.Rules(name);

    public StoredAlert? Alert(string id) => store.Alert(id);

    public IEnumerable<(long Place, StoredAlert Alert)> Alerts(long fromPlace, int limit) =>
        store.Alerts(fromPlace, limit);

    public IEnumerable<(long Place, Delivery Delivery)> Deliveries(DeliveryState state, long fromPlace, int limit) =>
        store.Deliveries(state, fromPlace, limit);

    public IEnumerable<(long Place, DeadLetter Letter)> DeadLetters(long fromPlace, int limit) =>
        store.DeadLetters(fromPlace, limit);

    public int RetryDead(string? sink, long nowMs) => store.RetryDead(sink, nowMs);

    public long OtherWrites() => store.OtherWrites();

    public void Dispose() => store.Dispose();

    private StoreException Die()
    {
        IsDead = true;
        return new StoreException("the process is dead");
    }
}
