namespace Cep.Expressions.Evaluation;

/// <summary>A compiled expression: a tree of small sealed nodes, so that compiling costs no code generation.</summary>
internal abstract class Eval
{
    /// <summary>The value as an object, null where it is null. Boxes: for alerts, not for conditions.</summary>
    public abstract object? Box(Frame frame);

    public abstract bool IsNull(Frame frame);
}

/// <summary>
/// A compiled expression of a storage type: bool, long (integer, timestamp, duration), double, string or object (any,
/// list).
/// </summary>
internal abstract class Eval<T> : Eval
{
    /// <summary>False where the value is null.</summary>
    public abstract bool TryGet(Frame frame, out T value);

    public override object? Box(Frame frame) => TryGet(frame, out var value) ? value : null;

    public override bool IsNull(Frame frame) => !TryGet(frame, out _);
}

internal static class EvalExtensions
{
    /// <summary>A condition: null counts as false.</summary>
    public static bool Holds(this Eval<bool> condition, Frame frame) => condition.TryGet(frame, out var value) && value;
}
