using System.Net;
using Cep.Events;
using Cep.Expressions;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Rules.Binding;

internal sealed partial class ExpressionBinder
{
    private const int FarthestBack = 1000;

    private static readonly string[] s_special = ["if", "prev", "changed", "now", "key"];

    private Expr? Call(CallSyntax call)
    {
        if (IsStepCall(call, out var bound))
            return bound;
        if (AggregateSignature.All.TryGetValue(call.Name, out var aggregate))
            return Aggregate(call, aggregate);
        if (call.Over is { } over)
            return Error(DiagnosticIds.MisplacedAggregate, over.Span,
                $"'{call.Name}' is no aggregate: only they have a range.");
        switch (call.Name)
        {
            case "if":
                return If(call);
            case "prev":
                return Prev(call);
            case "changed":
                return HasHistory(call) && Argument(call, 1, 1) && Bind(call.Arguments[0]) is { } operand
                    ? new ChangedExpr(operand)
                    : null;
            case "now":
                return Argument(call, 0, 0) ? new NowExpr() : null;
            case "key":
                return Argument(call, 0, 0) ? Key(call) : null;
        }

        if (FunctionSignature.All.TryGetValue(call.Name, out var signature))
            return Function(call, signature);
        return Error(DiagnosticIds.UnknownFunction, call.NameSpan, $"There is no function '{call.Name}'.",
            Suggestion.For(call.Name,
                FunctionSignature.All.Keys.Concat(AggregateSignature.All.Keys).Concat(s_special)));
    }

    /// <summary>Checks the number of arguments.</summary>
    private bool Argument(CallSyntax call, int least, int most)
    {
        var count = call.Arguments.Count;
        if (count >= least && count <= most)
            return true;
        var takes = most == least
            ? $"{Counted(least)}"
            : most == int.MaxValue ? $"at least {Counted(least)}" : $"{least} or {Counted(most)}";
        Error(DiagnosticIds.WrongArguments, call.Span, $"'{call.Name}' takes {takes}, not {count}.");
        return false;
    }

    private static string Counted(int count) => count switch
    {
        0 => "no argument",
        1 => "1 argument",
        _ => $"{count} arguments",
    };

    private Expr? If(CallSyntax call)
    {
        if (!Argument(call, 3, 3))
            return null;
        var condition = Condition(call.Arguments[0]);
        var (then, otherwise) = (Bind(call.Arguments[1]), Bind(call.Arguments[2]));
        if (condition is null || then is null || otherwise is null)
            return null;
        if (Unify(ref then, ref otherwise))
            return new IfExpr(condition, then, otherwise, then.Type);
        return Error(DiagnosticIds.TypeMismatch, call.Arguments[2].Span,
            $"Both values of 'if' have one type, but {Describe(call.Arguments[1], then)} "
            + $"and {Describe(call.Arguments[2], otherwise)}.");
    }

    private Expr? Key(CallSyntax call) => _scope.Key switch
    {
        null => Error(DiagnosticIds.UnknownName, call.Span, $"There is no key yet in {_scope.Place}."),
        [] => ConstExpr.Null,
        [var part] => new KeyExpr(part.Value.Type),
        _ => new KeyExpr(DataType.List),
    };

    private bool HasHistory(CallSyntax call)
    {
        if (_scope.HasHistory)
            return true;
        Error(DiagnosticIds.MisplacedAggregate, call.Span,
            $"'{call.Name}' looks at earlier events, which {_scope.Place} cannot.");
        return false;
    }

    private Expr? Prev(CallSyntax call)
    {
        if (!HasHistory(call) || !Argument(call, 1, 2) || Bind(call.Arguments[0]) is not { } operand)
            return null;
        var back = 1L;
        if (call.Arguments.Count == 2)
        {
            if (call.Arguments[1] is not LiteralSyntax { Value: long n, Type: DataType.Integer } || n < 1
                || n > FarthestBack)
                return Error(DiagnosticIds.WrongArguments, call.Arguments[1].Span,
                    $"'prev' goes back 1 to {FarthestBack} events, written as a number.");
            back = n;
        }

        return new PrevExpr(operand, (int)back);
    }

    private Expr? Function(CallSyntax call, FunctionSignature signature)
    {
        var most = signature.Variadic ? int.MaxValue : signature.Parameters.Count;
        if (!Argument(call, signature.Required, most))
            return null;
        var arguments = new List<Expr>();
        for (var i = 0; i < call.Arguments.Count; i++)
            if (FunctionArgument(call, i, signature) is { } argument)
                arguments.Add(argument);
        if (arguments.Count < call.Arguments.Count || !CheckArguments(call, signature.Function, arguments))
            return null;
        return new CallExpr(signature.Function, [.. arguments], signature.Result ?? arguments[0].Type);
    }

    private Expr? FunctionArgument(CallSyntax call, int index, FunctionSignature signature)
    {
        var syntax = call.Arguments[index];
        var (name, type) = signature.Parameters[Math.Min(index, signature.Parameters.Count - 1)];
        if (Bind(syntax) is not { } bound)
            return null;
        if (type == DataType.Null)
            return bound;
        return Coerce(bound, type) ?? Error(DiagnosticIds.WrongArguments, syntax.Span,
            $"The {name} of '{call.Name}' is {TypeNames.Of(type)}, but {Describe(syntax, bound)}.");
    }

    /// <summary>What the signature does not say about arguments of any type and constants.</summary>
    private bool CheckArguments(CallSyntax call, Function function, List<Expr> arguments)
    {
        switch (function)
        {
            case Expressions.Function.Abs:
                arguments[0] = CanBeNumber(arguments[0].Type) && !IsNumeric(arguments[0].Type)
                    ? Converted(arguments[0], DataType.Number)
                    : arguments[0];
                return IsNumeric(arguments[0].Type) || arguments[0].Type == DataType.Duration
                    || Unsuitable(call, 0, arguments[0], "a number or a duration");
            case Expressions.Function.Length:
                return arguments[0].Type is DataType.String or DataType.List or DataType.Any
                    || Unsuitable(call, 0, arguments[0], "a string or a list");
            case Expressions.Function.Contains:
                return CheckContains(call, arguments);
            case Expressions.Function.Least or Expressions.Function.Greatest:
                return OneOrderedType(call, arguments);
            case Expressions.Function.Hour or Expressions.Function.Weekday:
                return arguments is not [_, ConstExpr { Value: string zone }]
                    || CheckZone(zone, call.Arguments[1].Span);
            case Expressions.Function.CidrMatch:
                return arguments[1] is not ConstExpr { Value: string range }
                    || CheckRange(range, call.Arguments[1].Span);
            default:
                return true;
        }
    }

    private bool CheckContains(CallSyntax call, List<Expr> arguments)
    {
        if (arguments[0].Type is DataType.List or DataType.Any)
            return true;
        if (arguments[0].Type != DataType.String)
            return Unsuitable(call, 0, arguments[0], "a string or a list");
        if (Coerce(arguments[1], DataType.String) is not { } what)
            return Unsuitable(call, 1, arguments[1], "a string");
        arguments[1] = what;
        return true;
    }

    private bool OneOrderedType(CallSyntax call, List<Expr> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            Expr? first = arguments[0], other = arguments[i];
            if (!Unify(ref first, ref other) || !IsOrdered(first.Type))
                return Unsuitable(call, i, arguments[i], i == 0
                    ? "a value that has an order"
                    : $"{TypeNames.Of(arguments[0].Type)} as the first is");
            arguments[0] = first;
            arguments[i] = other;
        }

        for (var i = 0; i < arguments.Count; i++)
            arguments[i] = Converted(arguments[i], arguments[0].Type);
        return true;
    }

    private bool Unsuitable(CallSyntax call, int index, Expr argument, string wanted)
    {
        var syntax = call.Arguments[index];
        Error(DiagnosticIds.WrongArguments, syntax.Span,
            $"'{call.Name}' takes {wanted}, but {Describe(syntax, argument)}.");
        return false;
    }

    private bool CheckZone(string zone, TextSpan span)
    {
        if (TimeZones.Problem(zone) is not { } problem)
            return true;
        Error(DiagnosticIds.UnknownTimeZone, span, problem.Message, problem.Hint);
        return false;
    }

    private bool CheckRange(string range, TextSpan span)
    {
        var slash = range.IndexOf('/');
        if (IPAddress.TryParse(slash < 0 ? range : range[..slash], out var address)
            && (slash < 0 || int.TryParse(range.AsSpan(slash + 1), out var bits) && bits >= 0
                && bits <= address.GetAddressBytes().Length * 8))
            return true;
        Error(DiagnosticIds.WrongArguments, span, $"'{range}' is no range of addresses.", "write it as '10.0.0.0/8'");
        return false;
    }
}
