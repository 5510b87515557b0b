namespace Cep.Benchmarks.Measuring;

internal sealed class PreparedRun(Action go, IDisposable? resources = null) : IDisposable
{
    public void Go() => go();

    public void Dispose() => resources?.Dispose();
}
