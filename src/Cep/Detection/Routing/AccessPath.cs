using System.Numerics;
using Cep.Events;
using Cep.Expressions;
using Cep.Expressions.Evaluation;

namespace Cep.Detection.Routing;

/// <summary>
/// The rules that ask for a text of one field and (or not) compare one number in one direction: for each text the rules
/// in the order of their bounds, the easiest first. Rows that fail the easiest bound of all are dropped before any
/// look-up.
/// </summary>
internal sealed class AccessPath(int text, int number, BinaryOp op)
{
    private readonly Dictionary<string, int> _buckets = new(StringComparer.Ordinal);
    private readonly List<List<Candidate>> _candidates = [];
    private double[][] _bounds = [];
    private Candidate[][] _sorted = [];
    private double _easiest;
    private StringPool? _pool;

    /// <summary>Bucket + 2 by code; 0: not known yet, 1: no rule asks for it.</summary>
    private int[] _byCode = [];

    public void Add(IEnumerable<string> texts, Candidate candidate)
    {
        foreach (var value in texts)
        {
            if (!_buckets.TryGetValue(value, out var bucket))
            {
                _buckets.Add(value, bucket = _candidates.Count);
                _candidates.Add([]);
            }

            _candidates[bucket].Add(candidate);
        }

        _sorted = [];
    }

    public void Match(EventBatch batch, int count, ulong[] rows, Frame frame, MatchReport report)
    {
        if (_sorted.Length == 0)
            Sort();
        var column = batch.Columns[text];
        Use(column.Pool);
        var numbers = number < 0 ? null : batch.Columns[number];
        if (numbers is not null)
            ComparisonMask.And(numbers.Doubles.AsSpan(0, count), op, _easiest, numbers.Nulls, rows);
        for (var word = 0; word < (count + 63) >> 6; word++)
        {
            for (var bits = rows[word]; bits != 0; bits &= bits - 1)
            {
                var row = (word << 6) + BitOperations.TrailingZeroCount(bits);
                var bucket = column.IsNull(row) ? -1 : BucketOf(column, row);
                if (bucket >= 0)
                    Report(bucket, numbers is null ? 0 : numbers.Doubles[row], row, batch, frame, report);
            }
        }
    }

    private void Report(int bucket, double value, int row, EventBatch batch, Frame frame, MatchReport report)
    {
        var bounds = _bounds[bucket];
        var candidates = _sorted[bucket];
        for (var i = 0; i < bounds.Length; i++)
        {
            if (number >= 0 && !Within(value, bounds[i]))
                return;
            if (candidates[i].Rest is { } rest)
            {
                frame.Row = row;
                frame.NowMs = batch.Times[row];
                var undefined = frame.Undefined;
                var holds = rest.Holds(frame);
                candidates[i].Rule.Undefined += frame.Undefined - undefined;
                if (!holds)
                    continue;
            }

            report(candidates[i].Rule, row);
        }
    }

    private bool Within(double value, double bound) => op switch
    {
        BinaryOp.Less => value < bound,
        BinaryOp.LessOrEqual => value <= bound,
        BinaryOp.Greater => value > bound,
        _ => value >= bound,
    };

    private void Sort()
    {
        var upwards = op is BinaryOp.Greater or BinaryOp.GreaterOrEqual;
        _sorted = [.. _candidates.Select(
            b => (upwards ? b.OrderBy(c => c.Bound) : b.OrderByDescending(c => c.Bound)).ToArray())];
        _bounds = [.. _sorted.Select(b => Array.ConvertAll(b, c => c.Bound))];
        var all = _bounds.SelectMany(b => b);
        _easiest = upwards ? all.Min() : all.Max();
    }

    private int BucketOf(Column column, int row)
    {
        var code = column.Codes[row];
        var known = _byCode[code];
        if (known == 0)
            _byCode[code] = known = _buckets.TryGetValue(column.Pool[code], out var bucket) ? bucket + 2 : 1;
        return known - 2;
    }

    private void Use(StringPool pool)
    {
        if (!ReferenceEquals(_pool, pool))
            Array.Clear(_byCode);
        _pool = pool;
        if (_byCode.Length < pool.Count)
            Array.Resize(ref _byCode, Math.Max(pool.Count, _byCode.Length * 2));
    }
}
