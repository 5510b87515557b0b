namespace Cep.Simulators;

/// <summary>How much of a world is simulated. Whatever is left out has the world's default.</summary>
public sealed record SimulationOptions
{
    /// <summary>Monday 2026-03-02T09:00Z: an ordinary working morning.</summary>
    public const long DefaultStartMs = 1_772_442_000_000;

    /// <summary>When the simulated time begins, in milliseconds since 1970-01-01T00:00Z.</summary>
    public long StartMs { get; init; } = DefaultStartMs;

    public TimeSpan Duration { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Events in a second of event time, as the mean over a whole day; null: the world's default.</summary>
    public double? Rate { get; init; }

    /// <summary>The number of cards, devices or users; null: the world's default.</summary>
    public int? Keys { get; init; }

    /// <summary>Incidents of each kind in an hour of event time.</summary>
    public double IncidentsPerHour { get; init; } = 30;

    /// <summary>How much later than its event time an event arrives at most; null: the world's default.</summary>
    public TimeSpan? Disorder { get; init; }

    /// <summary>When the simulated time ends. With the world everything falls silent: no fault of the rules.</summary>
    public long EndMs => StartMs + (long)Duration.TotalMilliseconds;

    /// <exception cref="ArgumentOutOfRangeException">A value makes no sense.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Duration, TimeSpan.Zero, nameof(Duration));
        ArgumentOutOfRangeException.ThrowIfLessThan(IncidentsPerHour, 0, nameof(IncidentsPerHour));
        ArgumentOutOfRangeException.ThrowIfLessThan(Disorder ?? TimeSpan.Zero, TimeSpan.Zero, nameof(Disorder));
        if (Rate is not null and not > 0 or double.PositiveInfinity)
            throw new ArgumentOutOfRangeException(nameof(Rate), Rate, "The rate must be a positive number.");
        if (Keys is not null and not (>= 10 and <= 10_000_000))
            throw new ArgumentOutOfRangeException(nameof(Keys), Keys, "There must be between 10 and 10,000,000 keys.");
    }
}
