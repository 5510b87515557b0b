namespace Cep.Simulators;

/// <summary>An event of a simulated world.</summary>
/// <param name="Stream">The stream it belongs to.</param>
/// <param name="TimeMs">Its event time, in milliseconds since 1970-01-01T00:00Z.</param>
/// <param name="Json">One JSON object in UTF-8, without a line end. It stays valid for as long as it is held.</param>
public readonly record struct SimulatedEvent(string Stream, long TimeMs, ReadOnlyMemory<byte> Json);
