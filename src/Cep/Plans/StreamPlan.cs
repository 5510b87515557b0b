using Cep.Events;

namespace Cep.Plans;

/// <summary>A declared stream. All times in milliseconds.</summary>
/// <param name="Schema">Its fields.</param>
public sealed record StreamPlan(StreamSchema Schema)
{
    /// <summary>How late events may arrive and still be put in order.</summary>
    public long OutOfOrderMs { get; init; }

    /// <summary>A silent source stops holding the watermark back after this; 0: never.</summary>
    public long IdleMs { get; init; }

    /// <summary>Where late events go: a stream's name, or null: they are dropped (and counted).</summary>
    public string? LateTo { get; init; }

    /// <summary>An event further ahead of its arrival than this is put aside; 0: no limit.</summary>
    public long MaxAheadMs { get; init; }

    /// <summary>True for a stream that is made of a rule's detections.</summary>
    public bool Derived { get; init; }
}
