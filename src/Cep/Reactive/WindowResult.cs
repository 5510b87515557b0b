namespace Cep.Reactive;

/// <summary>The values of a window of one key.</summary>
/// <param name="Key">The key; of windows without one, <see cref="System.Reactive.Unit"/>.</param>
/// <param name="Start">The window's start (inclusive).</param>
/// <param name="End">The window's end (exclusive; of a count window its last event's time).</param>
/// <param name="Value">What was selected.</param>
/// <param name="At">The time of the report: the window's end, a beat, or an event's time.</param>
/// <param name="Revision">0 for the first report; late events report a window again, + 1.</param>
public readonly record struct WindowResult<TKey, TResult>(
    TKey Key, DateTimeOffset Start, DateTimeOffset End, TResult Value, DateTimeOffset At, int Revision);
