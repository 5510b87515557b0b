using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>A fold that is nothing but a reading of the group's values.</summary>
internal abstract class ReadingFold<TIn, TOut> : Fold<TIn, TOut>
{
    public sealed override bool ReadsValues => true;

    public sealed override void EnsureCapacity(int groups)
    {
    }

    public sealed override void Add(int group, TIn value)
    {
    }

    public sealed override void Remove(int group, TIn value)
    {
    }

    public sealed override void Reset(int group)
    {
    }

    public sealed override void Merge(int into, int from)
    {
    }

    public sealed override void Save(StateWriter writer, int group)
    {
    }

    public sealed override void Load(StateReader reader, int group)
    {
    }
}
