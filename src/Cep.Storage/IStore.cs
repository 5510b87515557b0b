namespace Cep.Storage;

/// <summary>
/// Where a deployment keeps what must outlive it. It belongs to one deployment at a time, and to one thread.
/// </summary>
/// <remarks>
/// A store knows nothing of threads, groups or recovery: it commits what it is given, all or nothing, and gives it
/// back. The conformance tests of the project say what that means.
/// </remarks>
public interface IStore : IStoreReader
{
    /// <summary>
    /// Records that were kept once and are gone, found when the store was opened; null where all is there.
    /// </summary>
    DamagedRecord? LostTail { get; }

    /// <summary>Keeps all of it, or nothing; when it returns it outlives a crash.</summary>
    /// <returns>The ids of alerts among them that were known already: nothing of those was changed.</returns>
    /// <exception cref="StoreException">Nothing was kept, and nothing will be until the cause is removed.</exception>
    IReadOnlyList<string> Commit(IReadOnlyList<StoreWrite> writes);
}
