using Cep.Events;

namespace Cep.Expressions.Evaluation;

/// <summary>
/// What an expression sees while it is evaluated: the event, the computed columns beside it, the key, the group of a
/// window, the time. One frame is re-used for row after row; it belongs to one thread.
/// </summary>
internal sealed class Frame
{
    /// <summary>The columns of the event's batch.</summary>
    public Column[] Columns = [];

    /// <summary>
    /// Moving aggregates and previous values, worked out beforehand, by index; rows as in <see cref="Columns"/>.
    /// </summary>
    public Column[] Computed = [];

    public int Row;

    public long NowMs;

    /// <summary>The key's parts, where the detector knows them without an event.</summary>
    public object?[] Key = [];

    /// <summary>The group (window of a key) whose aggregates are asked for.</summary>
    public int Group;

    public long WindowStartMs;
    public long WindowEndMs;

    /// <summary>Operations that had no result so far: division by zero, overflow and the like.</summary>
    public long Undefined;
}
