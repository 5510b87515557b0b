namespace Cep.Storage;

/// <summary>An alert that was raised.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Sequence">The journal record that brought it about.</param>
/// <param name="Rule">Its rule.</param>
/// <param name="AtMs">Its time, ms since the epoch.</param>
/// <param name="KeptMs">When it was kept, by the wall clock (ms since the epoch).</param>
/// <param name="Body">The alert, as <see cref="History.AlertCodec"/> writes it.</param>
public sealed record StoredAlert(
    string Id, long Sequence, string Rule, long AtMs, long KeptMs, ReadOnlyMemory<byte> Body);

public enum DeliveryState : byte
{
    Pending,
    Delivered,

    /// <summary>Given up: it can be tried again by hand.</summary>
    Dead,
}

/// <summary>An alert on its way to a sink.</summary>
/// <param name="Sink">The sink's name.</param>
/// <param name="AlertId">The alert.</param>
/// <param name="State">How far it is.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="ChangedMs">When this was known, by the wall clock (ms since the epoch).</param>
/// <param name="Reason">Why it is dead, or null.</param>
public sealed record Delivery(
    string Sink, string AlertId, DeliveryState State, int Attempts, long ChangedMs, string? Reason);

/// <summary>An input that could not become an event, or an event put aside.</summary>
/// <param name="Kind">"rejected" or "ahead".</param>
/// <param name="Stream">The stream it was meant for.</param>
/// <param name="Position">Its position there.</param>
/// <param name="KeptMs">When it was kept, by the wall clock (ms since the epoch).</param>
/// <param name="Reason">Why.</param>
/// <param name="Json">All that is known of it, as a JSON object.</param>
public sealed record DeadLetter(
    string Kind, string Stream, long Position, long KeptMs, string Reason, ReadOnlyMemory<byte> Json);

/// <summary>A complete checkpoint.</summary>
/// <param name="Id">Its number, one more than that of the one before.</param>
/// <param name="Sequence">The last journal record that it includes.</param>
/// <param name="Rules">The name of the set of rules that made it.</param>
/// <param name="KeptMs">When, by the wall clock (ms since the epoch).</param>
/// <param name="Sections">Its sections with their lengths and checksums.</param>
public sealed record CheckpointInfo(
    long Id, long Sequence, string Rules, long KeptMs, IReadOnlyList<SectionInfo> Sections);

/// <param name="Name">The section's name.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Check">Its checksum.</param>
public sealed record SectionInfo(string Name, long Length, uint Check);

/// <summary>How much a store holds.</summary>
/// <param name="Bytes">What it takes on the disk and uses.</param>
/// <param name="FirstSequence">The first record that is left; one more than the last where there is none.</param>
/// <param name="LastSequence">The last record, 0 where there was none yet.</param>
public sealed record StoreSize(long Bytes, long FirstSequence, long LastSequence);
