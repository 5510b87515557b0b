namespace Cep.Storage;

/// <summary>What a deployment has kept, to be read: by itself when it starts, by others also while it runs.</summary>
/// <remarks>
/// One thread at a time. Every member throws <see cref="StoreException"/> where the data can't be read.
/// </remarks>
public interface IStoreReader : IDisposable
{
    StoreSize Size();

    /// <summary>
    /// Records from one sequence to another, both included, in order. A record that can't be read goes to
    /// <paramref name="onDamage"/>, which decides: true leaves it out, false ends with a
    /// <see cref="StoreException"/>.
    /// </summary>
    /// <param name="from">The first sequence wanted.</param>
    /// <param name="to">The last sequence wanted.</param>
    /// <param name="onDamage">Told of every record that is damaged or missing.</param>
    IEnumerable<JournalRecord> ReadJournal(long from, long to, Func<DamagedRecord, bool> onDamage);

    /// <summary>The first record kept at this time (wall clock, ms since the epoch) or later; one more than the last
    /// where there is none.</summary>
    long SequenceAt(long keptMs);

    /// <summary>The next position of each stream.</summary>
    IReadOnlyDictionary<string, long> Positions();

    /// <summary>All marks: (source, part) → position.</summary>
    IReadOnlyDictionary<(string Source, string Part), byte[]> Marks();

    /// <summary>Complete checkpoints, the newest first.</summary>
    IReadOnlyList<CheckpointInfo> Checkpoints();

    /// <summary>The bytes of a checkpoint's section, or null where they are not what was written.</summary>
    byte[]? Section(CheckpointInfo checkpoint, string name);

    /// <summary>The texts of a set of rules, or null.</summary>
    byte[]? Rules(string name);

    /// <summary>The alert of an id, or null.</summary>
    StoredAlert? Alert(string id);

    /// <summary>
    /// Alerts in the order in which they were kept, from the given place on: the number is the place of the next one.
    /// </summary>
    IEnumerable<(long Place, StoredAlert Alert)> Alerts(long fromPlace, int limit);

    /// <summary>
    /// Deliveries in a state, the oldest alert first, from the given place on; all or none of one alert's, so that
    /// there may be a few more than asked for. Fewer: there are no more.
    /// </summary>
    IEnumerable<(long Place, Delivery Delivery)> Deliveries(DeliveryState state, long fromPlace, int limit);

    /// <summary>Dead letters in the order in which they were kept, from the given place on.</summary>
    IEnumerable<(long Place, DeadLetter Letter)> DeadLetters(long fromPlace, int limit);

    /// <summary>
    /// Asks that deliveries given up be tried again: by the deployment that runs, or by the next one that starts. The
    /// one thing that others than the deployment may write.
    /// </summary>
    /// <param name="sink">Of this sink only; null: of all.</param>
    /// <param name="nowMs">The wall clock, ms since the epoch.</param>
    /// <returns>How many there are.</returns>
    int RetryDead(string? sink, long nowMs);

    /// <summary>A number that changes when another process has written.</summary>
    long OtherWrites();
}
