using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>
/// Turns bytes into batches of events of one stream: feed it with <see cref="Decode"/>, take what it made with
/// <see cref="Build"/>. Bad input becomes rejected events, never an exception. One thread.
/// </summary>
public interface IEventDecoder
{
    /// <summary>
    /// The bytes that must be readable after the end of what <see cref="Decode"/> is given; their content does not
    /// matter.
    /// </summary>
    const int Padding = 64;

    StreamSchema Schema { get; }

    /// <summary>The events in the batch being filled.</summary>
    int Count { get; }

    /// <summary>The rejected events in the batch being filled.</summary>
    int Rejected { get; }

    /// <summary>
    /// The arrival stamp (ms since the epoch) of what is decoded next, which is the event time where the stream has no
    /// time field. Null for recorded input: there the position is the time, one millisecond each.
    /// </summary>
    long? ArrivalMs { get; set; }

    /// <summary>The lines read so far; set before the first is read where the input is gone on with.</summary>
    long LinesRead { get; set; }

    /// <summary>
    /// Decodes events from <paramref name="buffer"/>[<paramref name="start"/> … <paramref name="end"/>), where the last
    /// byte is a line feed and <see cref="Padding"/> bytes follow. Stops when the batch holds
    /// <paramref name="maxRows"/> events and rejections, or at an event that is not complete unless this is the
    /// <paramref name="final"/> part of the input.
    /// </summary>
    /// <returns>Where decoding should go on.</returns>
    int Decode(byte[] buffer, int start, int end, int maxRows, bool final);

    /// <summary>Rejects a line that is longer than the limit, of which only the beginning is given.</summary>
    void RejectOversized(ReadOnlySpan<byte> head);

    /// <summary>The batch filled so far; the decoder goes on with an empty one.</summary>
    EventBatch Build();
}
