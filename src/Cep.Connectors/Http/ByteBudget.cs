namespace Cep.Connectors.Http;

/// <summary>Bytes that many may hold together. Any thread.</summary>
internal sealed class ByteBudget(long limit)
{
    private long _taken;

    public bool TryTake(int count)
    {
        if (Interlocked.Add(ref _taken, count) <= limit)
            return true;
        Give(count);
        return false;
    }

    public void Give(int count) => Interlocked.Add(ref _taken, -count);
}
