namespace Cep.Expressions.Evaluation;

internal sealed class AndEval(Eval<bool> left, Eval<bool> right) : Eval<bool>
{
    public override bool TryGet(Frame frame, out bool value)
    {
        value = left.Holds(frame) && right.Holds(frame);
        return true;
    }
}

internal sealed class OrEval(Eval<bool> left, Eval<bool> right) : Eval<bool>
{
    public override bool TryGet(Frame frame, out bool value)
    {
        value = left.Holds(frame) || right.Holds(frame);
        return true;
    }
}

internal sealed class NotEval(Eval<bool> operand) : Eval<bool>
{
    public override bool TryGet(Frame frame, out bool value)
    {
        value = !operand.Holds(frame);
        return true;
    }
}

internal sealed class IsNullEval(Eval operand, bool negated) : Eval<bool>
{
    public override bool TryGet(Frame frame, out bool value)
    {
        value = operand.IsNull(frame) != negated;
        return true;
    }
}

internal sealed class IfEval<T>(Eval<bool> condition, Eval<T> then, Eval<T> otherwise) : Eval<T>
{
    public override bool TryGet(Frame frame, out T value) =>
        (condition.Holds(frame) ? then : otherwise).TryGet(frame, out value);
}

internal sealed class CoalesceEval<T>(Eval<T> left, Eval<T> right) : Eval<T>
{
    public override bool TryGet(Frame frame, out T value) =>
        left.TryGet(frame, out value) || right.TryGet(frame, out value);
}

/// <summary>A comparison of values of one type; false where either is null.</summary>
internal sealed class CompareEval<T>(BinaryOp op, Eval<T> left, Eval<T> right, IComparer<T> order) : Eval<bool>
{
    public override bool TryGet(Frame frame, out bool value)
    {
        value = left.TryGet(frame, out var a) && right.TryGet(frame, out var b)
            && Comparison.Holds(op, order.Compare(a, b));
        return true;
    }
}

internal sealed class CompareDoubleEval(BinaryOp op, Eval<double> left, Eval<double> right) : Eval<bool>
{
    public override bool TryGet(Frame frame, out bool value)
    {
        value = left.TryGet(frame, out var a) && right.TryGet(frame, out var b) && op switch
        {
            BinaryOp.Equal => a == b,
            BinaryOp.NotEqual => a != b,
            BinaryOp.Less => a < b,
            BinaryOp.LessOrEqual => a <= b,
            BinaryOp.Greater => a > b,
            _ => a >= b,
        };
        return true;
    }
}

internal sealed class CompareLongEval(BinaryOp op, Eval<long> left, Eval<long> right) : Eval<bool>
{
    public override bool TryGet(Frame frame, out bool value)
    {
        value = left.TryGet(frame, out var a) && right.TryGet(frame, out var b) && op switch
        {
            BinaryOp.Equal => a == b,
            BinaryOp.NotEqual => a != b,
            BinaryOp.Less => a < b,
            BinaryOp.LessOrEqual => a <= b,
            BinaryOp.Greater => a > b,
            _ => a >= b,
        };
        return true;
    }
}

internal static class Comparison
{
    public static bool Holds(BinaryOp op, int order) => op switch
    {
        BinaryOp.Equal => order == 0,
        BinaryOp.NotEqual => order != 0,
        BinaryOp.Less => order < 0,
        BinaryOp.LessOrEqual => order <= 0,
        BinaryOp.Greater => order > 0,
        _ => order >= 0,
    };
}

/// <summary>
/// Values of type any: equal where type and value are, ordered where both are numbers, texts or booleans, else neither
/// holds.
/// </summary>
internal sealed class CompareAnyEval(BinaryOp op, Eval<object> left, Eval<object> right) : Eval<bool>
{
    public override bool TryGet(Frame frame, out bool value)
    {
        value = left.TryGet(frame, out var a) && right.TryGet(frame, out var b) && Compare(a, b);
        return true;
    }

    private bool Compare(object a, object b)
    {
        if (op is BinaryOp.Equal or BinaryOp.NotEqual)
            return AnyValue.AreEqual(a, b) == (op == BinaryOp.Equal);
        return AnyValue.TryCompare(a, b, out var order) && Comparison.Holds(op, order);
    }
}

internal sealed class InEval<T>(Eval<T> operand, HashSet<T> values, bool negated) : Eval<bool>
{
    public override bool TryGet(Frame frame, out bool value)
    {
        value = operand.TryGet(frame, out var item) && values.Contains(item) != negated;
        return true;
    }
}

internal sealed class InListEval(Eval operand, Eval<object> list, bool negated) : Eval<bool>
{
    public override bool TryGet(Frame frame, out bool value)
    {
        value = operand.Box(frame) is { } item && list.TryGet(frame, out var items) && items is object?[] array
            && Array.Exists(array, x => x is not null && AnyValue.AreEqual(x, item)) != negated;
        return true;
    }
}

internal sealed class TextTestEval(Eval<string> operand, Func<string, bool> test) : Eval<bool>
{
    public override bool TryGet(Frame frame, out bool value)
    {
        value = operand.TryGet(frame, out var text) && test(text);
        return true;
    }
}
