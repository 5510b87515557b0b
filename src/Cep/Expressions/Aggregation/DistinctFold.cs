using System.Runtime.InteropServices;
using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>
/// How often each different value occurs in a group; the result is how many there are, or the most frequent ones.
/// </summary>
internal abstract class FrequencyFold<T, TOut>(IEqualityComparer<T> equality, StateCodec<T> codec) : Fold<T, TOut>
    where T : notnull
{
    private Dictionary<T, int>?[] _frequencies = new Dictionary<T, int>?[16];

    protected Dictionary<T, int>? Of(int group) => _frequencies[group];

    public override void EnsureCapacity(int groups)
    {
        if (groups > _frequencies.Length)
            Array.Resize(ref _frequencies, Math.Max(groups, _frequencies.Length * 2));
    }

    public override void Add(int group, T value)
    {
        var counts = _frequencies[group] ??= new Dictionary<T, int>(equality);
        CollectionsMarshal.GetValueRefOrAddDefault(counts, value, out _)++;
    }

    public override void Remove(int group, T value)
    {
        var counts = _frequencies[group]!;
        ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(counts, value);
        if (--count == 0)
            counts.Remove(value);
    }

    public override void Reset(int group) => _frequencies[group]?.Clear();

    public override void Merge(int into, int from)
    {
        if (_frequencies[from] is not { } added)
            return;
        var counts = _frequencies[into] ??= new Dictionary<T, int>(equality);
        foreach (var (value, count) in added)
            CollectionsMarshal.GetValueRefOrAddDefault(counts, value, out _) += count;
    }

    public override void Save(StateWriter writer, int group)
    {
        var counts = _frequencies[group];
        writer.Int(counts?.Count ?? 0);
        foreach (var (value, count) in counts ?? [])
        {
            codec.Write(writer, value);
            writer.Int(count);
        }
    }

    public override void Load(StateReader reader, int group)
    {
        _frequencies[group] = null;
        for (var n = reader.Count(); n > 0; n--)
            (_frequencies[group] ??= new Dictionary<T, int>(equality))[codec.Read(reader)] = reader.Int();
    }
}

internal sealed class DistinctFold<T>(IEqualityComparer<T> equality, StateCodec<T> codec)
    : FrequencyFold<T, long>(equality, codec)
    where T : notnull
{
    public override bool TryGet(int group, out long value)
    {
        value = Of(group)?.Count ?? 0;
        return true;
    }
}

internal sealed class TopKFold<T>(int n, IEqualityComparer<T> equality, IComparer<T> order, StateCodec<T> codec)
    : FrequencyFold<T, object>(equality, codec)
    where T : notnull
{
    public override bool TryGet(int group, out object value)
    {
        var counts = Of(group);
        value = counts is null
            ? null!
            : counts.OrderByDescending(p => p.Value).ThenBy(p => p.Key, order).Take(n).Select(
                p => (object?)p.Key).ToArray();
        return counts is { Count: > 0 };
    }
}
