using System.Collections;
using Cep.Events;

namespace Cep.Storage.Journal;

/// <summary>
/// Rejected events of a record read again: how many there were is part of the record, what they were lies among the
/// dead letters.
/// </summary>
internal sealed class CountedRejections(string stream, long first, int count) : IReadOnlyList<RejectedEvent>
{
    public int Count => count;

    public RejectedEvent this[int index] => (uint)index < (uint)count
        ? new RejectedEvent(stream, first + index, 0, "see the dead letters", "")
        : throw new ArgumentOutOfRangeException(nameof(index));

    public IEnumerator<RejectedEvent> GetEnumerator()
    {
        for (var i = 0; i < count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
