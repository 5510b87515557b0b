using Cep.Events;
using Cep.Expressions;
using Cep.Expressions.Evaluation;

namespace Cep.Detection.Routing;

/// <summary>
/// Finds the rules whose condition holds for an event without looking at each of them: rules that ask for a text are
/// found through it, those that ask for a range through their sorted bounds, so that cost follows the rules that match.
/// What cannot be indexed is tested for the whole batch at once.
/// </summary>
internal sealed class PredicateIndex
{
    private readonly Dictionary<(int Text, int Number, BinaryOp Op), AccessPath> _paths = [];
    private readonly List<(HostedRule Rule, BatchFilter When)> _scanned = [];
    private readonly EvalCompiler _compiler = new();
    private ulong[] _rows = [];

    public void Add(HostedRule rule, Expr when)
    {
        var conjuncts = BatchFilters.Conjuncts(when).ToList();
        var text = conjuncts.Find(c => TextsOf(c) is not null);
        if (text is null)
        {
            _scanned.Add((rule, BatchFilters.Compile(when, _compiler)));
            return;
        }

        conjuncts.Remove(text);
        var range = conjuncts.Find(IsRange);
        var (field, texts) = TextsOf(text)!.Value;
        var (number, op, bound) = (-1, BinaryOp.Greater, 0.0);
        if (range is not null && BatchFilters.IsComparison(range, out var column, out op, out var constant))
        {
            conjuncts.Remove(range);
            (number, bound) = (((FieldExpr)column).Field, AnyValue.Number(constant));
        }

        if (!_paths.TryGetValue((field, number, op), out var path))
            _paths.Add((field, number, op), path = new AccessPath(field, number, op));
        var rest = conjuncts.Count == 0
            ? null
            : _compiler.Condition(conjuncts.Aggregate((a, b) => new BinaryExpr(BinaryOp.And, a, b, DataType.Bool)));
        path.Add(texts, new Candidate(rule, bound, rest));
    }

    /// <summary>Reports every (rule, row) whose condition holds, among the rows of the set.</summary>
    public void Match(EventBatch batch, int count, ulong[] rows, Frame frame, MatchReport report)
    {
        var words = (count + 63) >> 6;
        if (_rows.Length < words)
            _rows = new ulong[words * 2];
        foreach (var (rule, when) in _scanned)
        {
            Array.Copy(rows, _rows, words);
            var undefined = frame.Undefined;
            when.Apply(frame, batch.Times, count, _rows);
            rule.Undefined += frame.Undefined - undefined;
            for (var word = 0; word < words; word++)
                for (var bits = _rows[word]; bits != 0; bits &= bits - 1)
                    report(rule, (word << 6) + System.Numerics.BitOperations.TrailingZeroCount(bits));
        }

        foreach (var path in _paths.Values)
        {
            Array.Copy(rows, _rows, words);
            path.Match(batch, count, _rows, frame, report);
        }
    }

    private static (int Field, IEnumerable<string> Texts)? TextsOf(Expr condition)
    {
        if (condition is InExpr { Negated: false, Operand: FieldExpr { Type: DataType.String } field } list)
            return (field.Field, list.Values.Cast<string>().Distinct());
        if (BatchFilters.IsComparison(condition, out var column, out var op, out var constant)
            && op == BinaryOp.Equal && column is FieldExpr { Type: DataType.String } equal)
            return (equal.Field, [(string)constant]);
        return null;
    }

    private static bool IsRange(Expr condition) =>
        BatchFilters.IsComparison(condition, out var column, out var op, out _)
        && column is FieldExpr { Type: DataType.Number } && op >= BinaryOp.Less;
}

/// <summary>Takes a rule and a row for which its condition holds.</summary>
internal delegate void MatchReport(HostedRule rule, int row);

/// <summary>A rule found through an index: its bound of the range, and what is left of its condition.</summary>
internal sealed record Candidate(HostedRule Rule, double Bound, Eval<bool>? Rest);
