using System.Text.Json;

namespace Cep.Host.Notifying;

internal enum DecisionKind : byte
{
    /// <summary>Alerts that match are not told for a time.</summary>
    Silence,

    /// <summary>A silence ends before its time.</summary>
    EndSilence,

    /// <summary>Somebody cares for an alert.</summary>
    Acknowledge,
}

/// <summary>What somebody has decided while the deployment runs; kept in the journal.</summary>
/// <param name="Kind">What.</param>
/// <param name="Id">The silence's id, or the alert's.</param>
internal sealed record Decision(DecisionKind Kind, string Id)
{
    public string Match { get; init; } = "";

    /// <summary>The end, ms since the epoch.</summary>
    public long UntilMs { get; init; }

    public string Why { get; init; } = "";

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <exception cref="InvalidDataException">The bytes are no decision.</exception>
    public static Decision Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<Decision>(bytes) ?? throw new InvalidDataException("no decision");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }
}
