namespace Cep.Benchmarks.Measuring;

internal sealed class PreparedRun(Action go, IDisposable? resources = null) : IDisposable
{
    /// <summary>Bytes allocated an event over the last quarter of the run, where the contestant measures it.</summary>
    public double SteadyPerEvent { get; set; }

    public void Go() => go();

    public void Dispose() => resources?.Dispose();
}
