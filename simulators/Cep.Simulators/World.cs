namespace Cep.Simulators;

/// <summary>Incidents are planned when a world is made, ordinary life is made up as it is asked for.</summary>
internal abstract class World(ulong seed, SimulationOptions options, TimeSpan disorder)
{
    private readonly List<Truth> _truth = [];

    public IReadOnlyList<Truth> Truth => _truth;

    protected SimulationOptions Options { get; } = options;

    protected ulong Seed { get; } = seed;

    public IEnumerable<SimulatedEvent> Arrivals()
    {
        var maxDelayMs = (long)(Options.Disorder ?? disorder).TotalMilliseconds;
        return maxDelayMs == 0 ? InTimeOrder() : Disorder.Apply(InTimeOrder(), maxDelayMs, Random(0xD150_4DE4));
    }

    protected abstract IEnumerable<SimulatedEvent> InTimeOrder();

    /// <summary>Random numbers for one purpose, so that a change of one leaves the others as they were.</summary>
    protected Xoshiro256 Random(ulong purpose) => new(SplitMix64.Mix(Seed) ^ SplitMix64.Mix(purpose));

    protected void Tell(List<Truth> truth)
    {
        _truth.AddRange(truth);
        _truth.Sort((a, b) => a.FromMs != b.FromMs
            ? a.FromMs.CompareTo(b.FromMs)
            : string.CompareOrdinal(a.Scenario + a.Key, b.Scenario + b.Key));
    }
}
