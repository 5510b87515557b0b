using System.Linq.Expressions;
using Cep.Detection;
using Cep.Expressions.Evaluation;

namespace Cep.Reactive;

/// <summary>Makes a result of what a detector found, before the detector goes on. One for each subscription.</summary>
internal abstract class DetectionReader<TResult>
{
    public abstract TResult Read(HostedRule rule, Detected detected);
}

/// <summary>Gives the event that a detection rests on.</summary>
internal sealed class EventReader<T>(int eventField) : DetectionReader<Detection<T>>
{
    public override Detection<T> Read(HostedRule rule, Detected detected)
    {
        var (_, batch, row) = detected.Evidence[0];
        return new((T)batch.Columns[eventField].Objects[row]!, EventTime.Of(detected.AtMs), detected.Status);
    }
}

/// <summary>Gives the values that a window selected, and its key.</summary>
internal sealed class WindowReader<TKey, TValue>(Func<object?[], TKey> key, Func<Eval[], Frame, TValue> select)
    : DetectionReader<WindowResult<TKey, TValue>>
{
    private Eval[]? _evals;

    public override WindowResult<TKey, TValue> Read(HostedRule rule, Detected detected)
    {
        _evals ??= [.. rule.Evals.Fields.Select(f => f.Value)];
        var frame = detected.Frame;
        return new(
            key(rule.Plan.By[0].Count == 0 ? [] : detected.Keys!.KeyOf(detected.Slot)),
            EventTime.Of(frame.WindowStartMs),
            EventTime.Of(frame.WindowEndMs),
            select(_evals, frame),
            EventTime.Of(detected.AtMs),
            detected.Revision);
    }
}

/// <summary>Compiles the readers of keys and selected values.</summary>
internal static class WindowReader
{
    public static Func<object?[], TKey> Key<TKey>(LambdaExpression? by)
    {
        if (by is null)
            return _ => default!;
        var values = Expression.Parameter(typeof(object?[]), "key");
        var parts = ObjectParts.Of(by.Body);
        var read = parts.Parts.Select((p, i) =>
            Read(p.Value.Type, "Of", Expression.ArrayIndex(values, Expression.Constant(i))));
        return Expression.Lambda<Func<object?[], TKey>>(parts.Rebuild([.. read]), values).Compile();
    }

    public static Func<Eval[], Frame, TValue> Select<TValue>(ObjectParts parts)
    {
        var evals = Expression.Parameter(typeof(Eval[]), "evals");
        var frame = Expression.Parameter(typeof(Frame), "frame");
        var read = parts.Parts.Select((p, i) =>
            Read(p.Value.Type, "Read", Expression.ArrayIndex(evals, Expression.Constant(i)), frame));
        return Expression.Lambda<Func<Eval[], Frame, TValue>>(parts.Rebuild([.. read]), evals, frame).Compile();
    }

    private static Expression Read(Type type, string method, params Expression[] arguments) =>
        Expression.Call(typeof(ValueReader<>).MakeGenericType(type), method, [], arguments);
}
