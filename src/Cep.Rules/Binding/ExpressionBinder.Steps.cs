using Cep.Expressions;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Rules.Binding;

internal sealed partial class ExpressionBinder
{
    /// <summary>A call that goes over the events of a step: <c>first last prev</c> and the aggregates.</summary>
    /// <returns>False where it is an ordinary call.</returns>
    private bool IsStepCall(CallSyntax call, out Expr? bound)
    {
        bound = null;
        var isAggregate = AggregateSignature.All.TryGetValue(call.Name, out var signature);
        if (_scope is not PatternScope scope || call.Over is not null || (!isAggregate && call.Name != "prev"))
            return false;
        List<NameSyntax> named = [.. call.Arguments.SelectMany(NamesIn).Where(n => scope.StepOf(n.Name) >= 0)];
        if (named.Count == 0)
            return false;
        var step = scope.StepOf(named[0].Name);
        if (named.Find(n => n.Name != named[0].Name) is { } other)
            bound = Error(DiagnosticIds.WrongArguments, other.Span,
                $"'{call.Name}' goes over one step's events, not over those of '{named[0].Name}' and '{other.Name}'.");
        else if (call.Name is "first" or "last" or "prev")
            bound = StepValue(call, scope, step);
        else
            bound = StepAggregate(call, signature!, scope, step, named[0].Name);
        return true;
    }

    private StepValueExpr? StepValue(CallSyntax call, PatternScope scope, int step)
    {
        if (!Argument(call, 1, 1) || Operand(call, scope, step) is not { } operand)
            return null;
        var which = call.Name switch { "first" => StepEvent.First, "last" => StepEvent.Last, _ => StepEvent.Previous };
        return new StepValueExpr(step, which, operand);
    }

    private StepAggregateExpr? StepAggregate(CallSyntax call, AggregateSignature signature, PatternScope scope,
        int step, string name)
    {
        if (signature.Kind == AggregateKind.ZScore)
        {
            Error(DiagnosticIds.NotSupported, call.Span, "'zscore' does not go over the events of a step.",
                "write (x - avg(b.x)) / stddev(b.x)");
            return null;
        }

        if (signature.Kind == AggregateKind.Count && call.Arguments is [NameSyntax counted] && counted.Name == name)
            return new StepAggregateExpr(step, new AggregateExpr(AggregateKind.Count, null, 0, AggregateRange.Group,
                signature.Result(default)));
        var count = signature.Parameter is null ? 1 : 2;
        if (!Argument(call, count, count) || Operand(call, scope, step) is not { } operand
            || Parameter(call, signature) is not { } parameter)
            return null;
        if (signature.Takes(operand.Type) is not { } type)
        {
            Unsuitable(call, 0, operand, signature.Wanted);
            return null;
        }

        var result = signature.Result(type);
        return new StepAggregateExpr(step, new AggregateExpr(signature.Kind, Converted(operand, type), parameter,
            AggregateRange.Group, result));
    }

    private Expr? Operand(CallSyntax call, PatternScope scope, int step)
    {
        _scope = scope.OperandOf(step, $"'{call.Name}'");
        var outer = _inAggregate;
        _inAggregate = true;
        var operand = Bind(call.Arguments[0]);
        (_scope, _inAggregate) = (scope, outer);
        return operand;
    }

    /// <summary>The names in an expression that stand alone or in front of a dot.</summary>
    private static IEnumerable<NameSyntax> NamesIn(ExprSyntax syntax) => syntax switch
    {
        NameSyntax e => [e],
        MemberSyntax e => NamesIn(e.Operand),
        IndexSyntax e => NamesIn(e.Operand).Concat(NamesIn(e.Index)),
        CallSyntax e => e.Arguments.SelectMany(NamesIn),
        UnarySyntax e => NamesIn(e.Operand),
        BinarySyntax e => NamesIn(e.Left).Concat(NamesIn(e.Right)),
        BetweenSyntax e => NamesIn(e.Operand).Concat(NamesIn(e.Low)).Concat(NamesIn(e.High)),
        InSyntax e => NamesIn(e.Operand).Concat(NamesIn(e.List)),
        IsNullSyntax e => NamesIn(e.Operand),
        ListSyntax e => e.Items.SelectMany(NamesIn),
        _ => [],
    };
}
