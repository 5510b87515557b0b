namespace Cep.Expressions.Evaluation;

/// <summary>Double arithmetic; what is not finite becomes null and is counted.</summary>
internal sealed class DoubleArithmeticEval(BinaryOp op, Eval<double> left, Eval<double> right) : Eval<double>
{
    public override bool TryGet(Frame frame, out double value)
    {
        value = 0;
        if (!left.TryGet(frame, out var a) || !right.TryGet(frame, out var b))
            return false;
        value = op switch
        {
            BinaryOp.Add => a + b,
            BinaryOp.Subtract => a - b,
            BinaryOp.Multiply => a * b,
            BinaryOp.Divide => a / b,
            _ => a % b,
        };
        return Defined(frame, ref value);
    }

    public static bool Defined(Frame frame, ref double value)
    {
        if (double.IsFinite(value))
            return true;
        frame.Undefined++;
        value = 0;
        return false;
    }
}

/// <summary>64-bit arithmetic of integers, timestamps and durations; overflow becomes null and is counted.</summary>
internal sealed class LongArithmeticEval(BinaryOp op, Eval<long> left, Eval<long> right) : Eval<long>
{
    public override bool TryGet(Frame frame, out long value)
    {
        value = 0;
        if (!left.TryGet(frame, out var a) || !right.TryGet(frame, out var b))
            return false;
        var overflow = false;
        switch (op)
        {
            case BinaryOp.Add:
                value = unchecked(a + b);
                overflow = ((a ^ value) & (b ^ value)) < 0;
                break;
            case BinaryOp.Subtract:
                value = unchecked(a - b);
                overflow = ((a ^ b) & (a ^ value)) < 0;
                break;
            case BinaryOp.Multiply:
                overflow = Math.BigMul(a, b, out value) != value >> 63;
                break;
            default:
                overflow = b == 0;
                value = b is 0 or -1 ? 0 : a % b;
                break;
        }

        if (!overflow)
            return true;
        frame.Undefined++;
        value = 0;
        return false;
    }
}

/// <summary>A duration times or divided by a number: rounded to whole milliseconds.</summary>
internal sealed class ScaleEval(Eval<long> duration, Eval<double> factor, bool divide) : Eval<long>
{
    public override bool TryGet(Frame frame, out long value)
    {
        value = 0;
        if (!duration.TryGet(frame, out var ms) || !factor.TryGet(frame, out var by))
            return false;
        var scaled = Math.Round(divide ? ms / by : ms * by);
        if (!double.IsFinite(scaled) || Math.Abs(scaled) > long.MaxValue)
        {
            frame.Undefined++;
            return false;
        }

        value = (long)scaled;
        return true;
    }
}

internal sealed class NegateLongEval(Eval<long> operand) : Eval<long>
{
    public override bool TryGet(Frame frame, out long value)
    {
        var known = operand.TryGet(frame, out value);
        if (known && value == long.MinValue)
        {
            frame.Undefined++;
            return false;
        }

        value = -value;
        return known;
    }
}

internal sealed class NegateDoubleEval(Eval<double> operand) : Eval<double>
{
    public override bool TryGet(Frame frame, out double value)
    {
        var known = operand.TryGet(frame, out value);
        value = -value;
        return known;
    }
}

internal sealed class LongToDoubleEval(Eval<long> operand) : Eval<double>
{
    public override bool TryGet(Frame frame, out double value)
    {
        var known = operand.TryGet(frame, out var n);
        value = n;
        return known;
    }
}

/// <summary>An any as a value of a type: null where it holds another type.</summary>
internal sealed class FromAnyEval<T>(Eval<object> operand) : Eval<T>
{
    public override bool TryGet(Frame frame, out T value)
    {
        value = default!;
        if (!operand.TryGet(frame, out var any))
            return false;
        if (typeof(T) == typeof(double) && any is long n)
            any = (double)n;
        if (any is not T typed)
            return false;
        value = typed;
        return true;
    }
}

internal sealed class ToAnyEval(Eval operand) : Eval<object>
{
    public override bool TryGet(Frame frame, out object value)
    {
        value = operand.Box(frame)!;
        return value is not null;
    }
}

internal sealed class MemberEval(Eval<object> operand, string name) : Eval<object>
{
    public override bool TryGet(Frame frame, out object value)
    {
        value = operand.TryGet(frame, out var map) && map is Dictionary<string, object?> members
            ? members.GetValueOrDefault(name)! : null!;
        return value is not null;
    }
}

internal sealed class IndexEval(Eval<object> operand, Eval<long> index) : Eval<object>
{
    public override bool TryGet(Frame frame, out object value)
    {
        value = null!;
        if (!operand.TryGet(frame, out var list) || list is not object?[] items || !index.TryGet(frame, out var i))
            return false;
        if (i < 0)
            i += items.Length;
        if ((ulong)i < (ulong)items.Length)
            value = items[i]!;
        return value is not null;
    }
}

internal sealed class ListEval(Eval[] items) : Eval<object>
{
    public override bool TryGet(Frame frame, out object value)
    {
        value = Array.ConvertAll(items, i => i.Box(frame));
        return true;
    }
}

/// <summary>An any as a list: null where it is none.</summary>
internal sealed class ListOfAnyEval(Eval<object> operand) : Eval<object>
{
    public override bool TryGet(Frame frame, out object value) =>
        operand.TryGet(frame, out value) && value is object?[];
}
