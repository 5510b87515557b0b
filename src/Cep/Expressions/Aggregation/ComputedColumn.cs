using Cep.Events;
using Cep.Expressions.Evaluation;
using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>
/// A value beside each event that depends on earlier events of its key: a moving aggregate, <c>prev</c>,
/// <c>changed</c>. It is worked out for all rows of a batch before the conditions that use it.
/// </summary>
internal abstract class ComputedColumn
{
    /// <summary>How the column that holds the results is stored.</summary>
    public abstract DataType Storage { get; }

    /// <summary>
    /// Takes the events of the rows, in order, each for the key slot beside it, and sets the results of the rows.
    /// </summary>
    public abstract void Process(
        ReadOnlySpan<int> rows, ReadOnlySpan<int> slots, long[] times, Frame frame, Column results);

    /// <summary>Sets the result of a row as of a time after the key's last event, without an event.</summary>
    public abstract void Peek(int slot, long nowMs, Column results, int row);

    /// <summary>True while the slot's state can still matter for events at or after the watermark.</summary>
    public abstract bool Holds(int slot, long watermarkMs);

    public abstract void Release(int slot);

    public abstract void Save(StateWriter writer, int slot);

    public abstract void Load(StateReader reader, int slot);
}
