namespace Cep.Benchmarks.Data;

/// <summary>Vigna's xorshift64* (ACM TOMS 42, 2016): the same data on every runtime.</summary>
internal sealed class XorShift64Star(ulong seed)
{
    private ulong _state = seed == 0 ? 1 : seed;

    public ulong Next()
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return unchecked(_state * 0x2545F4914F6CDD1DUL);
    }

    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public int Below(int bound) => (int)((Next() >> 33) % (ulong)bound);
}
