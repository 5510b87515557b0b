namespace Cep.Expressions.Evaluation;

internal sealed class ConstEval<T>(T value) : Eval<T>
{
    public override bool TryGet(Frame frame, out T value1)
    {
        value1 = value;
        return true;
    }
}

internal sealed class NullEval<T> : Eval<T>
{
    public override bool TryGet(Frame frame, out T value)
    {
        value = default!;
        return false;
    }
}

/// <summary>A field of the event, or (where computed) a moving aggregate or previous value beside it.</summary>
internal sealed class LongColumnEval(int index, bool computed) : Eval<long>
{
    public int Index => index;

    public bool Computed => computed;

    public override bool TryGet(Frame frame, out long value)
    {
        var column = computed ? frame.Computed[index] : frame.Columns[index];
        value = column.Longs[frame.Row];
        return !column.IsNull(frame.Row);
    }
}

internal sealed class DoubleColumnEval(int index, bool computed) : Eval<double>
{
    public int Index => index;

    public bool Computed => computed;

    public override bool TryGet(Frame frame, out double value)
    {
        var column = computed ? frame.Computed[index] : frame.Columns[index];
        value = column.Doubles[frame.Row];
        return !column.IsNull(frame.Row);
    }
}

internal sealed class BoolColumnEval(int index, bool computed) : Eval<bool>
{
    public override bool TryGet(Frame frame, out bool value)
    {
        var column = computed ? frame.Computed[index] : frame.Columns[index];
        value = column.Bit(frame.Row);
        return !column.IsNull(frame.Row);
    }
}

internal sealed class StringColumnEval(int index, bool computed) : Eval<string>
{
    public override bool TryGet(Frame frame, out string value)
    {
        var column = computed ? frame.Computed[index] : frame.Columns[index];
        if (column.IsNull(frame.Row))
        {
            value = null!;
            return false;
        }

        value = column.Pool[column.Codes[frame.Row]];
        return true;
    }
}

internal sealed class ObjectColumnEval(int index, bool computed) : Eval<object>
{
    public override bool TryGet(Frame frame, out object value)
    {
        var column = computed ? frame.Computed[index] : frame.Columns[index];
        value = column.Objects[frame.Row]!;
        return value is not null;
    }
}

/// <summary>A part of the key that the detector holds in the frame.</summary>
internal sealed class KeyPartEval<T>(int index) : Eval<T>
{
    public override bool TryGet(Frame frame, out T value)
    {
        if (frame.Key[index] is T part)
        {
            value = part;
            return true;
        }

        value = default!;
        return false;
    }
}

internal sealed class WholeKeyEval : Eval<object>
{
    public override bool TryGet(Frame frame, out object value)
    {
        value = frame.Key;
        return true;
    }
}

internal sealed class NowEval : Eval<long>
{
    public override bool TryGet(Frame frame, out long value)
    {
        value = frame.NowMs;
        return true;
    }
}

internal sealed class WindowBoundEval(bool end) : Eval<long>
{
    public override bool TryGet(Frame frame, out long value)
    {
        value = end ? frame.WindowEndMs : frame.WindowStartMs;
        return true;
    }
}
