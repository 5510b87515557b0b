namespace Cep.Connectors.Webhooks;

/// <summary>How hard it is tried to deliver to a receiver.</summary>
public sealed record DeliveryOptions
{
    /// <summary>How long a delivery is tried again before it fails for good.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long an attempt may take.</summary>
    public TimeSpan AttemptLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause after the first failure; it doubles, with jitter.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest pause, but where the receiver asks for a longer one.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest pause that a receiver may ask for.</summary>
    public TimeSpan LongestAskedPause { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long a receiver that failed at every one of the last attempts, five or more, is left alone.
    /// </summary>
    public TimeSpan BreakTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Attempts a second, at most; null: as many as there are.</summary>
    public double? Rate { get; init; }
}
