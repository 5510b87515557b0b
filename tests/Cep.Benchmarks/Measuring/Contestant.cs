namespace Cep.Benchmarks.Measuring;

/// <summary>An engine with a workload and its events: it can be run again and again.</summary>
internal abstract class Contestant(string name, long events)
{
    public string Name { get; } = name;

    public long Events { get; } = events;

    /// <summary>Sets up one run; what is done here is not measured.</summary>
    public abstract PreparedRun Prepare(Tally tally);
}
