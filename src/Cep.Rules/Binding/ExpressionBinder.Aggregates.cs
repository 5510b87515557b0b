using Cep.Events;
using Cep.Expressions;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Rules.Binding;

internal sealed partial class ExpressionBinder
{
    private const int MostFrequent = 1000;

    private Expr? Aggregate(CallSyntax call, AggregateSignature signature)
    {
        var count = signature.Parameter is null ? 1 : 2;
        if (!IsPlaced(call) || !Argument(call, signature.Argument == AggregateArgument.Optional ? 0 : count, count))
            return null;
        var range = call.Over is not { } over
            ? AggregateRange.Group
            : new AggregateRange(over.Rows ? RangeKind.Rows : RangeKind.Time, over.Length, over.Prior);
        if (call.Arguments.Count == 0)
            return new AggregateExpr(signature.Kind, null, 0, range, DataType.Integer);
        var (argument, parameter) = (AggregateOperand(call, signature), Parameter(call, signature));
        if (argument is null || parameter is null)
            return null;
        return new AggregateExpr(signature.Kind, argument, parameter.Value, range, signature.Result(argument.Type));
    }

    /// <summary>Checks that an aggregate with or without a range can be worked out here.</summary>
    private bool IsPlaced(CallSyntax call)
    {
        if (_inAggregate)
            return Misplaced(call, $"'{call.Name}' stands inside another aggregate.",
                "name it with let in a rule of its own that emits it");
        switch (_scope.Aggregates)
        {
            case AggregateUse.Moving when call.Over is null:
                return Misplaced(call, $"'{call.Name}' needs a range here.",
                    $"write {call.Name}(…) over 10m, or over last 20");
            case AggregateUse.Group when call.Over is not null:
                return Misplaced(call, $"'{call.Name}' goes over the window's events here and takes no range.",
                    "leave out 'over'");
            case AggregateUse.None:
                return Misplaced(call, $"'{call.Name}' is an aggregate, which {_scope.Place} cannot have.",
                    _scope.AggregateHint);
            default:
                return true;
        }
    }

    private bool Misplaced(CallSyntax call, string message, string hint)
    {
        Error(DiagnosticIds.MisplacedAggregate, call.Span, message, hint);
        return false;
    }

    private Expr? AggregateOperand(CallSyntax call, AggregateSignature signature)
    {
        var outer = _scope;
        _scope = outer.Argument;
        _inAggregate = true;
        var argument = Bind(call.Arguments[0]);
        _inAggregate = false;
        _scope = outer;
        if (argument is null)
            return null;
        if (signature.Takes(argument.Type) is { } type)
            return Converted(argument, type);
        Unsuitable(call, 0, argument, signature.Wanted);
        return null;
    }

    /// <summary>
    /// The constant second argument as a number, 0 where the aggregate has none, null where it is wrong.
    /// </summary>
    private double? Parameter(CallSyntax call, AggregateSignature signature)
    {
        if (signature.Parameter is not { } type)
            return 0;
        var value = call.Arguments[1] is LiteralSyntax literal
            && Coerce(new ConstExpr(literal.Value, literal.Type), type) is ConstExpr constant
            ? constant.Value
            : null;
        switch (signature.Kind, value)
        {
            case (AggregateKind.Quantile, double p and >= 0 and <= 1):
                return p;
            case (AggregateKind.Ewma, long halfLife and > 0):
                return halfLife;
            case (AggregateKind.TopK, long n and >= 1 and <= MostFrequent):
                return n;
            default:
                Error(DiagnosticIds.WrongArguments, call.Arguments[1].Span,
                    $"The second argument of '{call.Name}' is {signature.ParameterText}, written as a literal.");
                return null;
        }
    }
}
