using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>The least (sign -1) or greatest (sign 1) value of groups that only grow.</summary>
internal sealed class ExtremeFold<T>(IComparer<T> order, int sign, StateCodec<T> codec) : Fold<T, T>
{
    private T[] _best = new T[16];
    private bool[] _any = new bool[16];

    public override void EnsureCapacity(int groups)
    {
        if (groups <= _best.Length)
            return;
        var size = Math.Max(groups, _best.Length * 2);
        Array.Resize(ref _best, size);
        Array.Resize(ref _any, size);
    }

    public override void Add(int group, T value)
    {
        if (_any[group] && order.Compare(value, _best[group]) * sign <= 0)
            return;
        _best[group] = value;
        _any[group] = true;
    }

    public override void Remove(int group, T value) =>
        throw new InvalidOperationException("Use a moving extreme where values leave.");

    public override void Reset(int group)
    {
        _best[group] = default!;
        _any[group] = false;
    }

    public override void Merge(int into, int from)
    {
        if (_any[from])
            Add(into, _best[from]);
    }

    public override bool TryGet(int group, out T value)
    {
        value = _best[group];
        return _any[group];
    }

    public override void Save(StateWriter writer, int group)
    {
        writer.Bool(_any[group]);
        if (_any[group])
            codec.Write(writer, _best[group]);
    }

    public override void Load(StateReader reader, int group)
    {
        _any[group] = reader.Bool();
        if (_any[group])
            _best[group] = codec.Read(reader);
    }
}
