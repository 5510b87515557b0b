namespace Cep.Storage;

/// <summary>Something to be kept. What is committed together is kept together, or not at all.</summary>
public abstract record StoreWrite;

/// <summary>Adds a record at the end of the journal.</summary>
public sealed record KeepRecord(JournalRecord Record) : StoreWrite;

/// <summary>How many positions of a stream have been given out.</summary>
public sealed record KeepPosition(string Stream, long Next) : StoreWrite;

/// <summary>How far a source has come in a part of its input.</summary>
public sealed record KeepMark(string Source, string Part, ReadOnlyMemory<byte> Position) : StoreWrite;

/// <summary>An alert that was raised, to be delivered to sinks. Of an alert known already nothing changes.</summary>
public sealed record KeepAlert(StoredAlert Alert, IReadOnlyList<string> Sinks) : StoreWrite;

/// <summary>What became of an alert on its way to a sink.</summary>
public sealed record KeepDelivery(Delivery Delivery) : StoreWrite;

/// <summary>Something that could not become an event. Of one known already nothing changes.</summary>
public sealed record KeepDeadLetter(DeadLetter Letter) : StoreWrite;

/// <summary>The texts of a set of rules, under a name that is theirs alone.</summary>
public sealed record KeepRules(string Name, ReadOnlyMemory<byte> Texts) : StoreWrite;

/// <summary>A piece of a named section of a checkpoint that is being written, in order.</summary>
public sealed record KeepPiece(long Checkpoint, string Section, int Index, ReadOnlyMemory<byte> Bytes) : StoreWrite;

/// <summary>From now on the checkpoint counts: all its pieces are there.</summary>
public sealed record KeepCheckpoint(CheckpointInfo Info) : StoreWrite;

/// <summary>Lets go of what is old or too much.</summary>
/// <param name="BeforeSequence">Records before this go; the last one never does.</param>
/// <param name="Checkpoints">The checkpoints that stay.</param>
/// <param name="BeforeMs">Alerts of such records with nothing left to deliver, and dead letters, go where they were
/// kept before this (ms since the epoch).</param>
/// <param name="MaxRows">At most so many rows of each kind go, so that it takes no long time.</param>
/// <param name="MaxLetters">Of more dead letters than this the oldest go.</param>
public sealed record LetGo(
    long BeforeSequence, IReadOnlyList<long> Checkpoints, long BeforeMs, int MaxRows, long MaxLetters = long.MaxValue)
    : StoreWrite;
