using Cep.Events;

namespace Cep.Connectors;

/// <summary>What a source hands over at a time.</summary>
/// <param name="Events">The events; the source changes nothing about them from now on.</param>
public sealed record Arrival(EventBatch Events)
{
    /// <summary>How far the source has come with these events; kept together with them, all or nothing.</summary>
    public SourceMark? Mark { get; init; }

    /// <summary>
    /// Called once the events (and the mark) outlive a crash: from now on the source may acknowledge them to its peer.
    /// Called on the thread that keeps, in the order of arrival: it must neither block nor throw.
    /// </summary>
    public Action? Kept { get; init; }
}

/// <summary>How far a source has come in a part of its input.</summary>
/// <param name="Part">A file, a client, a session: what the source has one position for. "" where there is one.</param>
/// <param name="Position">What the source needs to go on from there, in its own form; a few kilobytes at most.</param>
public sealed record SourceMark(string Part, byte[] Position);
