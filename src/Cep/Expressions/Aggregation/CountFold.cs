using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>A number of events. 32 bits for each group, and what does not fit them beside.</summary>
internal sealed class CountFold<TIn> : Fold<TIn, long>
{
    private uint[] _counts = new uint[16];

    /// <summary>By group, how often its count went round: hardly ever, so there is no room for it by default.</summary>
    private Dictionary<int, int>? _rounds;

    public override void EnsureCapacity(int groups)
    {
        if (groups > _counts.Length)
            Array.Resize(ref _counts, Math.Max(groups, _counts.Length * 2));
    }

    public override void Add(int group, TIn value)
    {
        if (++_counts[group] == 0)
            Round(group, 1);
    }

    /// <summary>Adds one event to each of the groups.</summary>
    public void AddEach(ReadOnlySpan<int> groups)
    {
        var counts = _counts;
        foreach (var group in groups)
            if (++counts[group] == 0)
                Round(group, 1);
    }

    public override void Remove(int group, TIn value)
    {
        if (_counts[group]-- == 0)
            Round(group, -1);
    }

    public override void Reset(int group) => Set(group, 0);

    public override void Merge(int into, int from) => Set(into, Count(into) + Count(from));

    public override bool TryGet(int group, out long value)
    {
        value = Count(group);
        return true;
    }

    public override void Save(StateWriter writer, int group) => writer.Long(Count(group));

    public override void Load(StateReader reader, int group) => Set(group, reader.Long());

    private long Count(int group) =>
        _rounds is not null ? ((long)_rounds.GetValueOrDefault(group) << 32) + _counts[group] : _counts[group];

    private void Set(int group, long count)
    {
        _counts[group] = (uint)count;
        _rounds?.Remove(group);
        if (count >> 32 != 0)
            Round(group, (int)(count >> 32));
    }

    private void Round(int group, int rounds)
    {
        _rounds ??= [];
        _rounds[group] = _rounds.GetValueOrDefault(group) + rounds;
    }
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
