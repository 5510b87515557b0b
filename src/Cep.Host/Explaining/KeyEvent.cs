using Cep.Events;

namespace Cep.Host.Explaining;

/// <summary>An event of the key that is asked about, or a window of it.</summary>
/// <param name="Input">Its stream among the rule's inputs.</param>
/// <param name="AtMs">Its event time, or when the window was reported.</param>
/// <param name="Batch">The batch that holds the event; null: a window rests on none.</param>
/// <param name="Row">Its row there.</param>
/// <param name="Values">The values of what is watched, as alerts show them.</param>
/// <param name="Window">Start and end of a window.</param>
internal sealed record KeyEvent(
    int Input, long AtMs, EventBatch? Batch, int Row, object?[] Values, (long StartMs, long EndMs)? Window);
