using System.Linq.Expressions;
using Cep.Events;

namespace Cep.Reactive;

/// <summary>Writes values of C# into row 0 of columns.</summary>
internal static class ColumnWriter
{
    /// <summary>The expression that writes a value, which may be null.</summary>
    public static Expression Write(Expression column, Expression value)
    {
        var type = Nullable.GetUnderlyingType(value.Type);
        var clear = Call(nameof(Clear), column);
        if (type is null)
            return Expression.Block(clear, WriteValue(column, value));
        var local = Expression.Variable(value.Type);
        return Expression.Block(
            [local],
            clear,
            Expression.Assign(local, value),
            Expression.IfThenElse(
                Expression.Property(local, "HasValue"),
                WriteValue(column, Expression.Property(local, "Value")),
                Call(nameof(SetNull), column)));
    }

    public static void Clear(Column column) => column.ClearRow(0);

    public static void SetNull(Column column) => column.SetNull(0);

    public static void SetLong(Column column, long value) => column.Longs[0] = value;

    /// <summary>NaN and infinities do not occur in columns.</summary>
    public static void SetDouble(Column column, double value)
    {
        column.Doubles[0] = value;
        if (!double.IsFinite(value))
            column.SetNull(0);
    }

    public static void SetBool(Column column, bool value) => column.SetBit(0, value);

    public static void SetText(Column column, string? value)
    {
        if (value is null)
        {
            column.SetNull(0);
            return;
        }

        if (column.Pool.IsFull)
            column.Pool = new StringPool();
        column.Codes[0] = column.Pool.Add(value);
    }

    private static Expression WriteValue(Expression column, Expression value) => value.Type switch
    {
        var t when t == typeof(bool) => Call(nameof(SetBool), column, value),
        var t when t == typeof(string) => Call(nameof(SetText), column, value),
        { IsEnum: true } => Call(nameof(SetText), column, Expression.Call(value, nameof(ToString), [])),
        var t when t == typeof(DateTime) || t == typeof(DateTimeOffset) || t == typeof(TimeSpan) =>
            Call(nameof(SetLong), column, Expression.Call(typeof(ColumnTypes), nameof(ColumnTypes.Ms), [], value)),
        var t when ColumnTypes.IsInteger(t) => Call(nameof(SetLong), column, Expression.Convert(value, typeof(long))),
        _ => Call(nameof(SetDouble), column, Expression.Convert(value, typeof(double))),
    };

    private static MethodCallExpression Call(string method, params Expression[] arguments) =>
        Expression.Call(typeof(ColumnWriter), method, [], arguments);
}
