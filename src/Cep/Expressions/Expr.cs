using Cep.Events;

namespace Cep.Expressions;

/// <summary>
/// A typed expression of the rule language: immutable, free of positions, equal by structure. Names are resolved, types
/// are checked and conversions are explicit. Null: comparisons with it are false, <c>and or not</c> and conditions take
/// a null boolean as false, all else with a null operand is null.
/// </summary>
/// <param name="Type">The type of the value.</param>
public abstract record Expr(DataType Type);

/// <summary>A literal: bool, long (integer, timestamp, duration), double, string, object?[] or null.</summary>
public sealed record ConstExpr(object? Value, DataType Type) : Expr(Type)
{
    public static readonly ConstExpr True = new(true, DataType.Bool);
    public static readonly ConstExpr Null = new(null, DataType.Null);
}

/// <summary>
/// A field of the event looked at. <paramref name="Input"/> is the index of the stream among the rule's inputs.
/// </summary>
public sealed record FieldExpr(int Input, int Field, string Name, DataType Type) : Expr(Type);

/// <summary>A part of the key, by its index in the rule's <c>by</c>.</summary>
public sealed record KeyPartExpr(int Index, DataType Type) : Expr(Type);

/// <summary><c>key()</c>: the value of a key of one part, else the list of the parts' values.</summary>
public sealed record KeyExpr(DataType Type) : Expr(Type);

/// <summary><c>now()</c>: the event time.</summary>
public sealed record NowExpr() : Expr(DataType.Timestamp);

/// <summary>A value that a window selected, by its index in the plan's <c>select</c>.</summary>
public sealed record SelectedExpr(int Index, DataType Type) : Expr(Type);

/// <summary>The start (or, where <paramref name="End"/>, the end) of the window reported.</summary>
public sealed record WindowBoundExpr(bool End) : Expr(DataType.Timestamp);

public enum UnaryOp : byte
{
    Not,
    Negate,
    IsNull,
    IsNotNull,
}

public sealed record UnaryExpr(UnaryOp Op, Expr Operand, DataType Type) : Expr(Type);

public enum BinaryOp : byte
{
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,

    /// <summary>Always a number, of integers too; by zero it is null.</summary>
    Divide,
    Modulo,

    /// <summary><c>??</c>: the left value, or the right one where it is null.</summary>
    Coalesce,
}

/// <summary>
/// Both operands have the same type (the binder converts), but for arithmetic with durations: timestamp ± duration,
/// timestamp − timestamp, duration × or ÷ number. Any stands for itself and is compared as its run-time value.
/// </summary>
public sealed record BinaryExpr(BinaryOp Op, Expr Left, Expr Right, DataType Type) : Expr(Type);

/// <summary>Integer to number; any to a type (null where the value is of another); a type to any.</summary>
public sealed record ConvertExpr(Expr Operand, DataType Type) : Expr(Type);

/// <summary>
/// <c>x in [a, b]</c> with constants of the operand's type. Null is in nothing and not "not in" either.
/// </summary>
public sealed record InExpr(Expr Operand, ValueList<object> Values, bool Negated) : Expr(DataType.Bool);

/// <summary><c>x in list</c>, where the list is an expression.</summary>
public sealed record InListExpr(Expr Operand, Expr List, bool Negated) : Expr(DataType.Bool);

/// <summary><c>x like 'a%'</c>: % any text, _ any one character, a backslash before either takes it as it is.</summary>
public sealed record LikeExpr(Expr Operand, string Pattern) : Expr(DataType.Bool);

/// <summary>
/// <c>x matches 're'</c>: found anywhere in the text, in time linear in its length (no look-around, no back
/// references).
/// </summary>
public sealed record MatchExpr(Expr Operand, string Pattern) : Expr(DataType.Bool);

/// <summary><c>if(c, a, b)</c>; both branches have the type of the whole.</summary>
public sealed record IfExpr(Expr Condition, Expr Then, Expr Else, DataType Type) : Expr(Type);

/// <summary><c>a.b</c> of an any: the member's value, or null.</summary>
public sealed record MemberExpr(Expr Operand, string Name) : Expr(DataType.Any);

/// <summary><c>a[i]</c> of a list or any, from 0, negative from the end; null outside.</summary>
public sealed record IndexExpr(Expr Operand, Expr Index) : Expr(DataType.Any);

/// <summary><c>[a, b]</c> with parts that are not all constants.</summary>
public sealed record ListExpr(ValueList<Expr> Items) : Expr(DataType.List);

/// <summary>A call of a <see cref="Function"/>; the arguments have the types that its signature names.</summary>
public sealed record CallExpr(Function Function, ValueList<Expr> Arguments, DataType Type) : Expr(Type);

/// <summary>
/// <c>prev(x)</c>, <c>prev(x, n)</c>: the operand at the key's event <paramref name="Back"/> events ago, null where
/// there is none.
/// </summary>
public sealed record PrevExpr(Expr Operand, int Back) : Expr(Operand.Type);

/// <summary>
/// <c>changed(x)</c>: the operand differs from its value at the key's previous event; false at the first.
/// </summary>
public sealed record ChangedExpr(Expr Operand) : Expr(DataType.Bool);

public enum AggregateKind : byte
{
    /// <summary>Events, or those where a condition holds, or (of a value) where it is not null.</summary>
    Count,
    Sum,
    Avg,
    Min,
    Max,

    /// <summary>The sample standard deviation.</summary>
    StdDev,

    /// <summary>The sample variance.</summary>
    Variance,

    /// <summary>The number of different values.</summary>
    Distinct,
    First,
    Last,
    Median,

    /// <summary>The p-quantile, interpolated linearly between the two nearest ranks (SQL percentile_cont).</summary>
    Quantile,

    /// <summary>Change per second from the first to the last value.</summary>
    Rate,

    /// <summary>The last value minus the first.</summary>
    Delta,

    /// <summary>Of the least-squares line over time, per second.</summary>
    Slope,

    /// <summary>The exponentially weighted mean; the parameter is the half-life.</summary>
    Ewma,

    /// <summary>How many sample standard deviations the current value lies from the range's mean.</summary>
    ZScore,

    /// <summary>The n most frequent values, most frequent first, ties by value.</summary>
    TopK,

    /// <summary>The values in time order, ties in arrival order.</summary>
    Collect,
}

public enum RangeKind : byte
{
    /// <summary>All events of the window (or of the step, in a pattern).</summary>
    Group,

    /// <summary>Events with time in (now − range, now].</summary>
    Time,

    /// <summary>So many events.</summary>
    Rows,
}

/// <summary>What an aggregate ranges over. <paramref name="Length"/> is in milliseconds or rows.</summary>
/// <param name="Kind">Time, rows or the whole group.</param>
/// <param name="Length">Milliseconds or rows; 0 for a group.</param>
/// <param name="Prior">The current event is left out.</param>
public readonly record struct AggregateRange(RangeKind Kind, long Length, bool Prior)
{
    public static readonly AggregateRange Group;
}

/// <param name="Kind">Which aggregate.</param>
/// <param name="Argument">What is aggregated; null for <c>count()</c>.</param>
/// <param name="Parameter">The constant second argument (quantile, half-life in ms, n), else 0.</param>
/// <param name="Range">Over which events.</param>
/// <param name="Type">The type of the result.</param>
public sealed record AggregateExpr(
    AggregateKind Kind, Expr? Argument, double Parameter, AggregateRange Range, DataType Type)
    : Expr(Type);
