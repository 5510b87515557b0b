using System.Runtime.CompilerServices;

namespace Cep.Benchmarks.Measuring;

/// <summary>Where matches go: a call that the compiler cannot remove, the same for every engine.</summary>
internal sealed class Tally
{
    public long Count { get; private set; }

    public double Check { get; private set; }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Add(double value)
    {
        Count++;
        Check += value;
    }

    public void Add(Tally other)
    {
        Count += other.Count;
        Check += other.Check;
    }
}
