using Cep.Plans;

namespace Cep.Reactive;

/// <summary>What a condition or a silence found.</summary>
/// <param name="Event">
/// The event it rests on: the one at which the condition held (or no longer holds, for what is resolved), or the key's
/// latest where time alone decided.
/// </param>
/// <param name="At">When, in the time of the events: for what time alone decided the deadline.</param>
/// <param name="Status">Firing, or resolved where the condition has a state.</param>
public readonly record struct Detection<T>(T Event, DateTimeOffset At, AlertStatus Status);
