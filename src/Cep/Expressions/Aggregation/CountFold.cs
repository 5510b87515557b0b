using Cep.State;

namespace Cep.Expressions.Aggregation;

internal sealed class CountFold<TIn> : Fold<TIn, long>
{
    private long[] _counts = new long[16];

    public override void EnsureCapacity(int groups)
    {
        if (groups > _counts.Length)
            Array.Resize(ref _counts, Math.Max(groups, _counts.Length * 2));
    }

    public override void Add(int group, TIn value) => _counts[group]++;

    /// <summary>Adds one event to each of the groups.</summary>
    public void AddEach(ReadOnlySpan<int> groups)
    {
        var counts = _counts;
        foreach (var group in groups)
            counts[group]++;
    }

    public override void Remove(int group, TIn value) => _counts[group]--;

    public override void Reset(int group) => _counts[group] = 0;

    public override void Merge(int into, int from) => _counts[into] += _counts[from];

    public override bool TryGet(int group, out long value)
    {
        value = _counts[group];
        return true;
    }

    public override void Save(StateWriter writer, int group) => writer.Long(_counts[group]);

    public override void Load(StateReader reader, int group) => _counts[group] = reader.Long();
}

/// <summary>The number of a moving range's entries: the ring knows it.</summary>
internal sealed class RingCountFold : ReadingFold<NoValue, long>
{
    public override bool TryGet(int group, out long value)
    {
        value = Values.Count(group);
        return true;
    }
}
