using System.Linq.Expressions;
using Cep.Expressions.Evaluation;

namespace Cep.Reactive;

/// <summary>Reads values of the engine as values of a C# type.</summary>
internal static class ValueReader<TValue>
{
    private static readonly Type s_core = Nullable.GetUnderlyingType(typeof(TValue)) ?? typeof(TValue);
    private static readonly Func<long, TValue> s_ofLong = Compile<long>(OfLong);
    private static readonly Func<double, TValue> s_ofDouble = Compile<double>(OfDouble);
    private static readonly Func<bool, TValue> s_ofBool = Compile<bool>(v => v);
    private static readonly Func<string, TValue> s_ofText = Compile<string>(OfText);
    private static readonly Func<object, TValue> s_ofObject = Compile<object>(OfObject);

    /// <summary>What stands for null in a type that has none.</summary>
    private static readonly TValue s_missing = default(TValue) switch
    {
        double => (TValue)(object)double.NaN,
        float => (TValue)(object)float.NaN,
        var zero => zero!,
    };

    public static TValue Read(Eval eval, Frame frame) => eval switch
    {
        Eval<long> e => e.TryGet(frame, out var value) ? s_ofLong(value) : s_missing,
        Eval<double> e => e.TryGet(frame, out var value) ? s_ofDouble(value) : s_missing,
        Eval<string> e => e.TryGet(frame, out var value) ? s_ofText(value) : s_missing,
        Eval<bool> e => e.TryGet(frame, out var value) ? s_ofBool(value) : s_missing,
        _ => Of(eval.Box(frame)),
    };

    public static TValue Of(object? value) => value switch
    {
        null => s_missing,
        long v => s_ofLong(v),
        double v => s_ofDouble(v),
        string v => s_ofText(v),
        bool v => s_ofBool(v),
        _ => s_ofObject(value),
    };

    public static IReadOnlyList<TValue> ListOf(object values) => Array.ConvertAll((object?[])values, Of);

    private static Func<TFrom, TValue> Compile<TFrom>(Func<Expression, Expression> convert)
    {
        var value = Expression.Parameter(typeof(TFrom));
        Expression body;
        try
        {
            body = Expression.Convert(convert(value), typeof(TValue));
        }
        catch (InvalidOperationException)
        {
            // no value of this type can be asked for: the translator has checked the types
            body = Expression.Default(typeof(TValue));
        }

        return Expression.Lambda<Func<TFrom, TValue>>(body, value).Compile();
    }

    private static Expression OfLong(Expression ms)
    {
        if (s_core == typeof(DateTimeOffset))
            return Expression.Call(typeof(EventTime), nameof(EventTime.Of), [], ms);
        if (s_core == typeof(DateTime))
            return Expression.Property(Expression.Call(typeof(EventTime), nameof(EventTime.Of), [], ms), "UtcDateTime");
        return s_core == typeof(TimeSpan)
            ? Expression.Call(typeof(EventTime), nameof(EventTime.Span), [], ms)
            : Expression.ConvertChecked(ms, s_core);
    }

    private static Expression OfDouble(Expression value) => Expression.ConvertChecked(value, s_core);

    private static Expression OfText(Expression text) =>
        s_core.IsEnum ? Expression.Call(typeof(Enum), nameof(Enum.Parse), [s_core], text) : text;

    private static Expression OfObject(Expression value) =>
        s_core.IsGenericType && s_core.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
            ? Expression.Call(
                typeof(ValueReader<>).MakeGenericType(s_core.GetGenericArguments()), nameof(ListOf), [], value)
            : Expression.Convert(value, s_core);
}
