using Cep.Events;
using Cep.Expressions;

namespace Cep.Rules.Binding;

/// <summary>Which arguments an aggregate takes.</summary>
internal enum AggregateArgument : byte
{
    /// <summary>None, a condition, or any value.</summary>
    Optional,

    /// <summary>Any value.</summary>
    Any,

    /// <summary>A value that has an order.</summary>
    Ordered,

    /// <summary>Taken as a number.</summary>
    Number,

    /// <summary>A number, which stays an integer where it is one, or a duration.</summary>
    Sum,

    /// <summary>A number, or a duration.</summary>
    Mean,

    /// <summary>A number, a duration or a timestamp.</summary>
    Difference,
}

/// <summary>The arguments of an aggregate.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Argument">What it aggregates.</param>
/// <param name="Parameter">The type of its constant second argument, or null where it has none.</param>
/// <param name="ParameterText">What that is, for messages.</param>
internal sealed record AggregateSignature(AggregateKind Kind, AggregateArgument Argument, DataType? Parameter = null,
    string ParameterText = "")
{
    public static IReadOnlyDictionary<string, AggregateSignature> All { get; } =
        new Dictionary<string, AggregateSignature>(StringComparer.Ordinal)
        {
            ["count"] = new(AggregateKind.Count, AggregateArgument.Optional),
            ["sum"] = new(AggregateKind.Sum, AggregateArgument.Sum),
            ["avg"] = new(AggregateKind.Avg, AggregateArgument.Mean),
            ["min"] = new(AggregateKind.Min, AggregateArgument.Ordered),
            ["max"] = new(AggregateKind.Max, AggregateArgument.Ordered),
            ["stddev"] = new(AggregateKind.StdDev, AggregateArgument.Number),
            ["variance"] = new(AggregateKind.Variance, AggregateArgument.Number),
            ["distinct"] = new(AggregateKind.Distinct, AggregateArgument.Any),
            ["first"] = new(AggregateKind.First, AggregateArgument.Any),
            ["last"] = new(AggregateKind.Last, AggregateArgument.Any),
            ["median"] = new(AggregateKind.Median, AggregateArgument.Number),
            ["quantile"] = new(AggregateKind.Quantile, AggregateArgument.Number, DataType.Number,
                "a number from 0 to 1"),
            ["rate"] = new(AggregateKind.Rate, AggregateArgument.Number),
            ["delta"] = new(AggregateKind.Delta, AggregateArgument.Difference),
            ["slope"] = new(AggregateKind.Slope, AggregateArgument.Number),
            ["ewma"] = new(AggregateKind.Ewma, AggregateArgument.Number, DataType.Duration, "a duration such as 10m"),
            ["zscore"] = new(AggregateKind.ZScore, AggregateArgument.Number),
            ["topk"] = new(AggregateKind.TopK, AggregateArgument.Any, DataType.Integer, "a number from 1 to 1000"),
            ["collect"] = new(AggregateKind.Collect, AggregateArgument.Any),
        };

    /// <summary>The type that the argument is taken as, or null where the type given does not suit.</summary>
    public DataType? Takes(DataType given)
    {
        var number = given is DataType.Integer or DataType.Number or DataType.Any or DataType.Null;
        return Argument switch
        {
            AggregateArgument.Optional or AggregateArgument.Any => given,
            AggregateArgument.Ordered when given is DataType.Any or DataType.Null => DataType.Number,
            AggregateArgument.Ordered => given is DataType.Bool or DataType.List ? null : given,
            AggregateArgument.Sum or AggregateArgument.Difference when given == DataType.Integer => given,
            AggregateArgument.Sum or AggregateArgument.Mean
                or AggregateArgument.Difference when given == DataType.Duration => given,
            AggregateArgument.Difference when given == DataType.Timestamp => given,
            _ => number ? DataType.Number : null,
        };
    }

    /// <summary>The type of the result over arguments of a type.</summary>
    public DataType Result(DataType argument) => Kind switch
    {
        AggregateKind.Count or AggregateKind.Distinct => DataType.Integer,
        AggregateKind.TopK or AggregateKind.Collect => DataType.List,
        AggregateKind.Delta when argument == DataType.Timestamp => DataType.Duration,
        AggregateKind.Sum or AggregateKind.Avg or AggregateKind.Delta => argument,
        AggregateKind.Min or AggregateKind.Max or AggregateKind.First or AggregateKind.Last => argument,
        _ => DataType.Number,
    };

    public string Wanted => Argument switch
    {
        AggregateArgument.Ordered => "a value that has an order",
        AggregateArgument.Sum or AggregateArgument.Mean => "a number or a duration",
        AggregateArgument.Difference => "a number, a duration or a timestamp",
        _ => "a number",
    };
}
