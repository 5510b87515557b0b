using System.Globalization;
using System.Linq.Expressions;
using Cep.Events;
using Cep.Expressions;

namespace Cep.Reactive;

/// <summary>A call of an aggregate's method: what is aggregated, over what, with which parameter.</summary>
internal sealed class AggregateCall
{
    private const int Most = 1000;

    private readonly EventShape _shape;
    private readonly MethodCallExpression _call;
    private readonly LambdaExpression? _of;
    private double _parameter;
    private AggregateRange _range;

    /// <param name="shape">The fields of events.</param>
    /// <param name="call">The call.</param>
    /// <param name="first">Which argument is the first that says what is aggregated.</param>
    public AggregateCall(EventShape shape, MethodCallExpression call, int first = 0)
    {
        (_shape, _call) = (shape, call);
        foreach (var argument in call.Arguments.Skip(first))
        {
            if (argument is LambdaExpression of)
                _of = of;
            else if (argument.Type.IsAssignableTo(typeof(Delegate)))
                throw ExpressionTranslator.Unsupported(argument, "what is aggregated is written as a lambda in place");
            else
                Take(ExpressionTranslator.Evaluate(argument));
        }
    }

    /// <summary>As an expression over the key's earlier events.</summary>
    public Expr Moving() => _call.Method.Name switch
    {
        nameof(Moving<>.Prev) => new PrevExpr(Operand()!, (int)Bounded(_parameter == 0 ? 1 : _parameter)),
        nameof(Moving<>.Changed) => new ChangedExpr(Operand()!),
        _ => Aggregate(),
    };

    /// <summary>As an expression over all events of a window, or of a step.</summary>
    public AggregateExpr Group() => Aggregate();

    /// <summary>The value itself, not aggregated.</summary>
    public Expr Value() => Operand()!;

    private void Take(object? value)
    {
        switch (value)
        {
            case Over over:
                _range = over.Range;
                if (_range.Kind == RangeKind.Group)
                    throw ExpressionTranslator.Unsupported(_call, "say over which events, as in Over.Last(20)");
                break;
            case TimeSpan halfLife:
                _parameter = ColumnTypes.Positive(halfLife, nameof(halfLife));
                break;
            default:
                _parameter = Convert.ToDouble(value, CultureInfo.InvariantCulture);
                break;
        }
    }

    private AggregateExpr Aggregate()
    {
        var kind = Enum.Parse<AggregateKind>(_call.Method.Name);
        if (kind == AggregateKind.Quantile && _parameter is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException("p", _parameter, "A quantile is named by a number from 0 to 1.");
        if (kind == AggregateKind.TopK)
            Bounded(_parameter);
        if (Operand() is not { } operand)
            return new AggregateExpr(kind, null, 0, _range, DataType.Integer);
        var argument = Argument(kind, operand);
        return new AggregateExpr(kind, argument, _parameter, _range, Result(kind, argument.Type));
    }

    private double Bounded(double count) => count is >= 1 and <= Most
        ? count
        : throw new ArgumentOutOfRangeException(nameof(count), count, $"A count from 1 to {Most} is needed.");

    private Expr? Operand() =>
        _of is null ? null : new ExpressionTranslator(new EventScope(_shape, _of.Parameters[0])).Translate(_of.Body);

    /// <summary>The operand as the aggregate takes it.</summary>
    private Expr Argument(AggregateKind kind, Expr operand)
    {
        var type = operand.Type;
        var suits = kind switch
        {
            AggregateKind.Count or AggregateKind.Distinct or AggregateKind.First or AggregateKind.Last
                or AggregateKind.TopK or AggregateKind.Collect => true,
            AggregateKind.Min or AggregateKind.Max => type != DataType.Bool,
            AggregateKind.Sum or AggregateKind.Delta when type is DataType.Integer or DataType.Duration => true,
            AggregateKind.Avg => type == DataType.Duration,
            AggregateKind.Delta => type == DataType.Timestamp,
            _ => false,
        };
        if (suits || type == DataType.Number)
            return operand;
        return type == DataType.Integer
            ? ExpressionTranslator.ToNumber(operand)
            : throw ExpressionTranslator.Unsupported(_call, $"'{_call.Method.Name}' is not for values that are {type}");
    }

    private static DataType Result(AggregateKind kind, DataType argument) => kind switch
    {
        AggregateKind.Count or AggregateKind.Distinct => DataType.Integer,
        AggregateKind.TopK or AggregateKind.Collect => DataType.List,
        AggregateKind.Delta when argument == DataType.Timestamp => DataType.Duration,
        AggregateKind.Sum or AggregateKind.Avg or AggregateKind.Delta or AggregateKind.Min or AggregateKind.Max
            or AggregateKind.First or AggregateKind.Last => argument,
        _ => DataType.Number,
    };
}
