using Cep.Events;
using Cep.Expressions;
using Cep.Expressions.Evaluation;

namespace Cep.Detection.Patterns;

/// <summary>
/// A condition on the event being tried. What does not look at other steps is worked out for whole batches; the rest
/// is asked
/// for each match.
/// </summary>
internal sealed class StepTest
{
    private readonly BatchFilter _alone;
    private readonly Eval<bool>? _rest;
    private ulong[] _mask = [];

    public StepTest(int input, IEnumerable<Expr> conditions, EvalCompiler compiler)
    {
        Input = input;
        var conjuncts = conditions.SelectMany(BatchFilters.Conjuncts).ToLookup(ExprWalker.LooksAtSteps);
        _alone = BatchFilters.Compile(And(conjuncts[false]) ?? ConstExpr.True, compiler);
        _rest = And(conjuncts[true]) is { } rest ? compiler.Condition(rest) : null;
    }

    public int Input { get; }

    /// <summary>True where the answer is the same for all matches.</summary>
    public bool IsAlone => _rest is null;

    /// <summary>The rows for which the part that looks at nothing else holds.</summary>
    public ulong[] Mask => _mask;

    public void Prepare(Frame frame, EventBatch batch, ulong[] selected)
    {
        var words = (batch.Count + 63) >> 6;
        if (_mask.Length < words)
            _mask = new ulong[words * 2];
        Array.Copy(selected, _mask, words);
        _alone.Apply(frame, batch.Times, batch.Count, _mask);
    }

    public bool MayHold(int row) => (_mask[row >> 6] >> row & 1) != 0;

    /// <summary>Whether it holds for the match that the context names, where <see cref="MayHold"/>.</summary>
    public bool Holds(Frame frame) => _rest is null || _rest.Holds(frame);

    private static Expr? And(IEnumerable<Expr> conditions)
    {
        Expr? all = null;
        foreach (var condition in conditions)
            all = all is null ? condition : new BinaryExpr(BinaryOp.And, all, condition, DataType.Bool);
        return all;
    }
}
