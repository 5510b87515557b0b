using Cep.Events;
using Cep.Expressions;
using Cep.Expressions.Evaluation;

namespace Cep.Host.Explaining;

/// <summary>Moving aggregates and previous values as an engine has worked them out, kept beside the events.</summary>
internal sealed class ComputedLeaves(IReadOnlyList<Expr> computed)
{
    public Eval? Resolve(Expr expr)
    {
        var index = computed.ToList().IndexOf(expr);
        if (index < 0)
            return null;
        var column = (Eval<object>)EvalCompiler.Column(DataType.Any, index, computed: true);
        return expr.Type switch
        {
            DataType.Bool => new FromAnyEval<bool>(column),
            DataType.Number => new FromAnyEval<double>(column),
            DataType.String => new FromAnyEval<string>(column),
            DataType.Any or DataType.List => column,
            _ => new FromAnyEval<long>(column),
        };
    }
}
