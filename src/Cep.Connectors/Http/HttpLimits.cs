namespace Cep.Connectors.Http;

/// <summary>What a request may cost.</summary>
public sealed record HttpLimits
{
    /// <summary>Bytes of a body, as sent and as inflated; a larger one is answered by 413.</summary>
    public int BodyBytes { get; init; } = 8 << 20;

    /// <summary>Bytes of all bodies at a time; a request beyond is answered by 429.</summary>
    public long BodyBytesTogether { get; init; } = 256L << 20;

    /// <summary>How long a body may take to come; then the answer is 408.</summary>
    public TimeSpan BodyTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a request waits for a busy engine before it is answered by 429.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a request waits until its events are kept before it is answered by 503.</summary>
    public TimeSpan KeepingTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether a CloudEvent posted by itself is a repeat where its source and id came before.</summary>
    public bool Dedupe { get; init; }

    /// <summary>How many idempotency keys are remembered: the last ones.</summary>
    public int Keys { get; init; } = 4096;
}
