using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>
/// An aggregate's state for many groups, kept up to date as values come and (for moving ranges, oldest first) go.
/// A group is a small number; its state begins empty.
/// </summary>
internal abstract class Fold<TIn, TOut>
{
    /// <summary>
    /// True where the result is read from the values of the group, which the caller then keeps in a ring.
    /// </summary>
    public virtual bool ReadsValues => false;

    /// <summary>
    /// The values of each group, where <see cref="ReadsValues"/>; set by the owner before anything else.
    /// </summary>
    public RingStore<TIn> Values { protected get; set; } = null!;

    public abstract void EnsureCapacity(int groups);

    public abstract void Add(int group, TIn value);

    /// <summary>Takes the group's oldest value out again.</summary>
    public abstract void Remove(int group, TIn value);

    public abstract void Reset(int group);

    /// <summary>Adds all of one group to another. The values of rings are merged by the owner.</summary>
    public abstract void Merge(int into, int from);

    /// <summary>False where the group has no result (null).</summary>
    public abstract bool TryGet(int group, out TOut value);

    /// <summary>Saves what cannot be worked out from the values again.</summary>
    public abstract void Save(StateWriter writer, int group);

    public abstract void Load(StateReader reader, int group);
}
