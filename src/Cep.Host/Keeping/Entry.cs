using Cep.Events;
using Cep.Storage;

namespace Cep.Host.Keeping;

/// <summary>What the engine is told next: a record of the journal, or what would be one.</summary>
/// <param name="Sequence">Its place in the journal, also where none is kept.</param>
/// <param name="Kind">One of <see cref="RecordKind"/>, or another.</param>
/// <param name="Stream">The stream that it is about, or "".</param>
internal sealed record Entry(long Sequence, string Kind, string Stream)
{
    /// <summary>The events, where it holds some and they need not be decoded first.</summary>
    public EventBatch? Batch { get; init; }

    /// <summary>The rules, where it switches to others and they need not be compiled first.</summary>
    public RuleTexts? Rules { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    public long FirstPosition { get; init; }

    public static Entry Of(JournalRecord record) => new(record.Sequence, record.Kind, record.Stream)
    {
        Body = record.Body,
        FirstPosition = record.FirstPosition,
    };
}
