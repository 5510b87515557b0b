namespace Cep.Storage;

/// <summary>
/// One entry of the journal: events of a stream, or something else that the alerts depend on and that is no function of
/// what came before.
/// </summary>
/// <param name="Sequence">Its place in the journal, from 1, without gaps.</param>
/// <param name="Kind">What it is: one of <see cref="RecordKind"/>, or a kind of somebody else's.</param>
/// <param name="Body">What it says, in the form of its kind.</param>
public sealed record JournalRecord(long Sequence, string Kind, ReadOnlyMemory<byte> Body)
{
    /// <summary>The stream that it is about, or "".</summary>
    public string Stream { get; init; } = "";

    /// <summary>The position in the stream of the first event, where it holds events.</summary>
    public long FirstPosition { get; init; }

    /// <summary>The number of events.</summary>
    public int Events { get; init; }

    /// <summary>When it was kept, by the wall clock (ms since the epoch).</summary>
    public long KeptMs { get; init; }

    /// <summary>The earliest event time (ms since the epoch).</summary>
    public long FirstMs { get; init; }

    /// <summary>The latest event time (ms since the epoch).</summary>
    public long LastMs { get; init; }
}

/// <summary>The kinds of records that the engine's own host writes.</summary>
public static class RecordKind
{
    /// <summary>Events, as <see cref="Journal.BatchEncoder"/> writes them.</summary>
    public const string Events = "events";

    /// <summary>A stream has gone silent.</summary>
    public const string Idle = "idle";

    /// <summary>A silent stream stays silent: so many milliseconds (8 bytes) since its last event.</summary>
    public const string Silence = "silence";

    /// <summary>Other rules run from here on: the name of their set.</summary>
    public const string Rules = "rules";

    /// <summary>Somebody has decided something while it ran: a silence, an acknowledgement; as JSON.</summary>
    public const string Decision = "decision";
}

/// <summary>A record that can't be read: it is damaged, or missing.</summary>
/// <param name="Sequence">Its place in the journal.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record DamagedRecord(long Sequence, string Reason);
