using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>
/// The extreme of a moving range: a queue of the values that can still become it, in monotonic order.
/// </summary>
internal sealed class MovingExtremeFold<T>(IComparer<T> order, int sign, StateCodec<T> codec) : Fold<T, T>
{
    private readonly RingStore<T> _candidates = new();

    public override void EnsureCapacity(int groups)
    {
    }

    public override void Add(int group, T value)
    {
        for (var n = _candidates.Count(group); n > 0; n--)
        {
            if (order.Compare(value, _candidates.ValueAt(group, n - 1)) * sign <= 0)
                break;
            _candidates.PopLast(group);
        }

        _candidates.Push(group, 0, value);
    }

    public override void Remove(int group, T value)
    {
        if (_candidates.Count(group) > 0 && order.Compare(value, _candidates.ValueAt(group, 0)) == 0)
            _candidates.PopFirst(group);
    }

    public override void Reset(int group) => _candidates.Release(group);

    public override void Merge(int into, int from) =>
        throw new InvalidOperationException("Moving ranges are not merged.");

    public override bool TryGet(int group, out T value)
    {
        var any = _candidates.Count(group) > 0;
        value = any ? _candidates.ValueAt(group, 0) : default!;
        return any;
    }

    public override void Save(StateWriter writer, int group) => _candidates.Save(writer, group, codec.Write);

    public override void Load(StateReader reader, int group) => _candidates.Load(reader, group, codec.Read);
}
