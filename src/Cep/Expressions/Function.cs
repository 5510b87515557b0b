using Cep.Events;

namespace Cep.Expressions;

/// <summary>The scalar functions of the rule language.</summary>
public enum Function : byte
{
    Lower,
    Upper,
    Contains,
    StartsWith,
    EndsWith,
    Length,
    Round,
    Abs,
    Floor,
    Ceil,
    Sqrt,
    Ln,
    Exp,
    Pow,
    Least,
    Greatest,
    Hash,
    GeoDistance,
    CidrMatch,
    Hour,
    Weekday,
}

/// <summary>
/// The signature of a function. The last parameter of a variadic one repeats; a null result is "that of the arguments".
/// </summary>
/// <param name="Function">Which.</param>
/// <param name="Name">As rules write it.</param>
/// <param name="Parameters">The parameters' names and types; <see cref="DataType.Null"/> takes any type (of numbers:
/// integer or number).</param>
/// <param name="Required">How many arguments must be given.</param>
/// <param name="Result">The type of the result, or null where it is the common type of the arguments.</param>
/// <param name="Variadic">More arguments of the last parameter's type may follow.</param>
public sealed record FunctionSignature(
    Function Function, string Name, ValueList<(string Name, DataType Type)> Parameters, int Required, DataType? Result,
        bool Variadic = false)
{
    /// <summary>All functions by name.</summary>
    public static IReadOnlyDictionary<string, FunctionSignature> All { get; } = Declare().ToDictionary(f => f.Name);

    private static IEnumerable<FunctionSignature> Declare()
    {
        const DataType text = DataType.String, number = DataType.Number;
        yield return new(Function.Lower, "lower", [("text", text)], 1, text);
        yield return new(Function.Upper, "upper", [("text", text)], 1, text);
        yield return new(Function.Contains, "contains", [("in", DataType.Null), ("what", DataType.Null)], 2,
            DataType.Bool);
        yield return new(Function.StartsWith, "starts_with", [("text", text), ("start", text)], 2, DataType.Bool);
        yield return new(Function.EndsWith, "ends_with", [("text", text), ("end", text)], 2, DataType.Bool);
        yield return new(Function.Length, "length", [("of", DataType.Null)], 1, DataType.Integer);
        yield return new(Function.Round, "round", [("x", number), ("digits", DataType.Integer)], 1, number);
        yield return new(Function.Abs, "abs", [("x", DataType.Null)], 1, null);
        yield return new(Function.Floor, "floor", [("x", number)], 1, number);
        yield return new(Function.Ceil, "ceil", [("x", number)], 1, number);
        yield return new(Function.Sqrt, "sqrt", [("x", number)], 1, number);
        yield return new(Function.Ln, "ln", [("x", number)], 1, number);
        yield return new(Function.Exp, "exp", [("x", number)], 1, number);
        yield return new(Function.Pow, "pow", [("x", number), ("y", number)], 2, number);
        yield return new(Function.Least, "least", [("x", DataType.Null)], 1, null, Variadic: true);
        yield return new(Function.Greatest, "greatest", [("x", DataType.Null)], 1, null, Variadic: true);
        yield return new(Function.Hash, "hash", [("x", DataType.Null)], 1, DataType.Integer, Variadic: true);
        yield return new(Function.GeoDistance, "geo_distance",
            [("lat1", number), ("lon1", number), ("lat2", number), ("lon2", number)], 4, number);
        yield return new(Function.CidrMatch, "cidr_match", [("ip", text), ("range", text)], 2, DataType.Bool);
        yield return new(Function.Hour, "hour", [("time", DataType.Timestamp), ("zone", text)], 1, DataType.Integer);
        yield return new(Function.Weekday, "weekday", [("time", DataType.Timestamp), ("zone", text)], 1,
            DataType.Integer);
    }
}
