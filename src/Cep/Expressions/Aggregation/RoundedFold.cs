using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>Another fold's result in whole milliseconds.</summary>
internal sealed class RoundedFold(Fold<double, double> fold) : Fold<double, long>
{
    public override void EnsureCapacity(int groups) => fold.EnsureCapacity(groups);

    public override void Add(int group, double value) => fold.Add(group, value);

    public override void Remove(int group, double value) => fold.Remove(group, value);

    public override void Reset(int group) => fold.Reset(group);

    public override void Merge(int into, int from) => fold.Merge(into, from);

    public override bool TryGet(int group, out long value)
    {
        var known = fold.TryGet(group, out var exact) && Math.Abs(exact) < 9e18;
        value = known ? (long)Math.Round(exact) : 0;
        return known;
    }

    public override void Save(StateWriter writer, int group) => fold.Save(writer, group);

    public override void Load(StateReader reader, int group) => fold.Load(reader, group);
}
