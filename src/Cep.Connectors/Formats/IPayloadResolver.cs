namespace Cep.Connectors.Formats;

/// <summary>Makes one JSON object an event of payloads that have a form of their own.</summary>
internal interface IPayloadResolver
{
    /// <summary>
    /// Puts the objects into <paramref name="records"/>; they count only where this returns null. One thread at a time.
    /// </summary>
    /// <param name="topic">Where the message was published.</param>
    /// <param name="payload">What it holds.</param>
    /// <param name="nowMs">When it arrived, in milliseconds since the epoch.</param>
    /// <param name="records">Takes the objects.</param>
    /// <returns>What is wrong with the payload, or null.</returns>
    /// <exception cref="System.Text.Json.JsonException">It is broken JSON.</exception>
    string? Resolve(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, long nowMs, ResolvedRecords records);
}
