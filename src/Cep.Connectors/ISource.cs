using Cep.Events;

namespace Cep.Connectors;

/// <summary>
/// Takes what a source has read; waits while the engine is busy, which is how a source is slowed down.
/// </summary>
public delegate ValueTask AcceptBatch(EventBatch batch, CancellationToken stop);

/// <summary>Something that events come from.</summary>
public interface ISource
{
    /// <summary>For people: what it is and where.</summary>
    string Name { get; }

    /// <summary>The stream that gets the events.</summary>
    string Stream { get; }

    /// <summary>
    /// Reads until it is stopped, or to its end. Calls <paramref name="accept"/> from any thread, several at a time
    /// where it has several peers. Bad input becomes rejected events; peers that fail are let go or tried again.
    /// </summary>
    Task RunAsync(AcceptBatch accept, CancellationToken stop);
}
