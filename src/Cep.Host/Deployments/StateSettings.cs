namespace Cep.Host.Deployments;

/// <summary>How a deployment's state is kept.</summary>
/// <param name="Folder">The folder.</param>
public sealed record StateSettings(string Folder)
{
    /// <summary>The time between checkpoints.</summary>
    public TimeSpan Checkpoint { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether what was acknowledged also outlives a loss of power.</summary>
    public bool FullSync { get; init; } = true;

    /// <summary>How long the journal, alerts and dead letters are kept.</summary>
    public TimeSpan RetainAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How large the store may become, in bytes, before the oldest records of the journal go.</summary>
    public long RetainBytes { get; init; } = 10L << 30;

    /// <summary>Whether to go on without records of the journal that are damaged, instead of not at all.</summary>
    public bool SkipDamaged { get; init; }
}
