namespace Cep.Events;

/// <summary>
/// An event whose time lies too far ahead of its arrival: one fast clock must not make all others late.
/// </summary>
/// <param name="Batch">The batch that holds it.</param>
/// <param name="Row">Its row there.</param>
/// <param name="MaxAheadMs">How far ahead it might have been, ms.</param>
public sealed record AheadEvent(EventBatch Batch, int Row, long MaxAheadMs);
