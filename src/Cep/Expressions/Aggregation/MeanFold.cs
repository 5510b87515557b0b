using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>The exact sum of numbers divided by how many there are.</summary>
internal sealed class MeanFold : Fold<double, double>
{
    private readonly NumberSumFold _sum = new(counts: true);

    public override void EnsureCapacity(int groups) => _sum.EnsureCapacity(groups);

    public override void Add(int group, double value) => _sum.Add(group, value);

    public override void Remove(int group, double value) => _sum.Remove(group, value);

    public override void Reset(int group) => _sum.Reset(group);

    public override void Merge(int into, int from) => _sum.Merge(into, from);

    public override bool TryGet(int group, out double value) => _sum.TryGetMean(group, out value);

    public override void Save(StateWriter writer, int group) => _sum.Save(writer, group);

    public override void Load(StateReader reader, int group) => _sum.Load(reader, group);
}
