using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>
/// The p-quantile, interpolated linearly between the two nearest ranks (SQL percentile_cont), from the group's values
/// kept sorted: a value comes and goes by binary search and one block move.
/// </summary>
internal sealed class QuantileFold(double p) : Fold<double, double>
{
    private List<double>?[] _sorted = new List<double>?[16];

    public override void EnsureCapacity(int groups)
    {
        if (groups > _sorted.Length)
            Array.Resize(ref _sorted, Math.Max(groups, _sorted.Length * 2));
    }

    public override void Add(int group, double value)
    {
        var list = _sorted[group] ??= [];
        var at = list.BinarySearch(value);
        list.Insert(at < 0 ? ~at : at, value);
    }

    public override void Remove(int group, double value) =>
        _sorted[group]!.RemoveAt(_sorted[group]!.BinarySearch(value));

    public override void Reset(int group) => _sorted[group]?.Clear();

    public override void Merge(int into, int from)
    {
        foreach (var value in _sorted[from] ?? [])
            Add(into, value);
    }

    public override bool TryGet(int group, out double value)
    {
        value = 0;
        if (_sorted[group] is not { Count: > 0 } list)
            return false;
        var rank = p * (list.Count - 1);
        var low = (int)Math.Floor(rank);
        var high = Math.Min(low + 1, list.Count - 1);
        value = list[low] + (rank - low) * (list[high] - list[low]);
        return double.IsFinite(value);
    }

    public override void Save(StateWriter writer, int group)
    {
        var list = _sorted[group] ?? [];
        writer.Int(list.Count);
        foreach (var value in list)
            writer.Double(value);
    }

    public override void Load(StateReader reader, int group)
    {
        _sorted[group] = null;
        for (var n = reader.Count(); n > 0; n--)
            (_sorted[group] ??= []).Add(reader.Double());
    }
}
