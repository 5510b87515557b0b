using System.Globalization;
using Cep.Events;
using Cep.Expressions;

namespace Cep.Reactive;

/// <summary>How types of C# are columns of the engine.</summary>
internal static class ColumnTypes
{
    /// <summary>The types that members of events may have, for messages.</summary>
    public const string Supported =
        "bool, integers up to long, float, double, decimal, string, DateTime, DateTimeOffset, TimeSpan, enums, "
        + "and these as nullable";

    /// <summary>The column's type, or null where there is none. Enums are texts, decimals are doubles.</summary>
    public static DataType? Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            return DataType.String;
        if (IsInteger(type))
            return DataType.Integer;
        if (type == typeof(double) || type == typeof(float) || type == typeof(decimal))
            return DataType.Number;
        if (type == typeof(bool))
            return DataType.Bool;
        if (type == typeof(string))
            return DataType.String;
        if (type == typeof(DateTime) || type == typeof(DateTimeOffset))
            return DataType.Timestamp;
        return type == typeof(TimeSpan) ? DataType.Duration : null;
    }

    public static bool IsInteger(Type type) =>
        type == typeof(long) || type == typeof(int) || type == typeof(short) || type == typeof(sbyte)
        || type == typeof(uint) || type == typeof(ushort) || type == typeof(byte);

    /// <summary>A value as a literal of the engine, or null where its type is no column's.</summary>
    public static ConstExpr? Literal(object? value) => value switch
    {
        null => ConstExpr.Null,
        bool => new ConstExpr(value, DataType.Bool),
        string => new ConstExpr(value, DataType.String),
        Enum => new ConstExpr(value.ToString(), DataType.String),
        DateTime time => new ConstExpr(Ms(time), DataType.Timestamp),
        DateTimeOffset time => new ConstExpr(Ms(time), DataType.Timestamp),
        TimeSpan span => new ConstExpr(Ms(span), DataType.Duration),
        float or double or decimal => Number(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        _ when IsInteger(value.GetType()) =>
            new ConstExpr(Convert.ToInt64(value, CultureInfo.InvariantCulture), DataType.Integer),
        _ => null,
    };

    /// <summary>Milliseconds since 1970-01-01T00:00Z, rounded down.</summary>
    public static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    /// <summary>A time of no stated kind is UTC: the machine's zone must not decide what a rule means.</summary>
    public static long Ms(DateTime time) => Ms(new DateTimeOffset(
        time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : DateTime.SpecifyKind(time, DateTimeKind.Utc)));

    public static long Ms(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMillisecond;

    /// <summary>A positive duration in whole milliseconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is shorter than a millisecond.</exception>
    public static long Positive(TimeSpan span, string parameter) => Ms(span) > 0
        ? Ms(span)
        : throw new ArgumentOutOfRangeException(parameter, span, "A duration of at least one millisecond is needed.");

    /// <summary>A duration in whole milliseconds, which may be zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public static long NotNegative(TimeSpan span, string parameter) => span >= TimeSpan.Zero
        ? Ms(span)
        : throw new ArgumentOutOfRangeException(parameter, span, "A duration cannot be negative.");

    /// <summary>A name of C# as the rule language writes it: CardNumber is card_number.</summary>
    public static string Name(string name)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (!char.IsAsciiLetterOrDigit(c))
                continue;
            var next = i + 1 < name.Length ? name[i + 1] : '_';
            var begins = char.IsAsciiLetterUpper(c) && i > 0
                && (!char.IsAsciiLetterUpper(name[i - 1]) || char.IsAsciiLetterLower(next));
            if (begins && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.Length == 0 || char.IsAsciiDigit(text[0]) ? "value" + text : text.ToString();
    }

    private static ConstExpr Number(double value) =>
        new(double.IsFinite(value) ? value : null, DataType.Number);
}
