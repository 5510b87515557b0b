using System.Numerics;
using Cep.Events;
using Cep.Expressions.Evaluation;

namespace Cep.Detection;

/// <summary>The filter that comes before any detection: <c>where</c>, then the exceptions.</summary>
internal static class RowFilters
{
    /// <summary>Takes the rows that do not pass out of the set, and counts why.</summary>
    public static void Apply(
        BatchFilter? where, (BatchFilter Filter, long UntilMs)[] excepts, Frame frame, EventBatch batch, int to,
            ulong[] rows, SharedCounts counts, int from)
    {
        var words = (to + 63) >> 6;
        var seen = to - from;
        where?.Apply(frame, batch.Times, to, rows);
        var passed = where is null ? seen : Bits.Count(rows, words);
        counts.Filtered += seen - passed;
        if (excepts.Length == 0)
            return;
        var excepted = new ulong[words];
        foreach (var (filter, untilMs) in excepts)
        {
            Array.Copy(rows, excepted, words);
            filter.Apply(frame, batch.Times, to, excepted);
            for (var word = 0; word < words; word++)
                for (var bits = excepted[word]; bits != 0; bits &= bits - 1)
                    if (batch.Times[(word << 6) + BitOperations.TrailingZeroCount(bits)] < untilMs)
                        rows[word] &= ~(bits & (~bits + 1));
        }

        counts.Excepted += passed - Bits.Count(rows, words);
    }
}

/// <summary>Counts that rules with the same filter share.</summary>
internal sealed class SharedCounts
{
    public long Seen;
    public long Filtered;
    public long Excepted;

    /// <summary>Operations without a result in the filter and in the moving aggregates that the rules share.</summary>
    public long Undefined;

    /// <summary>Late events that passed the filter, for rules that take none.</summary>
    public long Late;
}
