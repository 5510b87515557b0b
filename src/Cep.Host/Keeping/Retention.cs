using Cep.Storage;

namespace Cep.Host.Keeping;

/// <summary>
/// Lets go of what is old or too much, after each checkpoint. What recovery needs stays whatever the limits say: the
/// two newest checkpoints, and the journal since the older of them. One checkpoint of each day stays as long as the
/// journal does, so that it can be verified from there.
/// </summary>
/// <param name="age">Records, alerts and dead letters older than this go.</param>
/// <param name="bytes">Where the store uses more, the oldest records go.</param>
/// <param name="clock">Says what is old.</param>
internal sealed class Retention(TimeSpan age, long bytes, TimeProvider clock)
{
    private const int RowsAtATime = 500;
    private const long MaxLetters = 100_000;
    private const long DayMs = 86_400_000;

    /// <summary>Records let go of so far.</summary>
    public long Records { get; private set; }

    /// <summary>What is to be removed, in small steps.</summary>
    public IEnumerable<StoreWrite> Steps(IStore store)
    {
        var checkpoints = store.Checkpoints();
        if (checkpoints.Count == 0)
            yield break;
        var size = store.Size();
        var cutoffMs = clock.GetUtcNow().ToUnixTimeMilliseconds() - (long)age.TotalMilliseconds;
        var needed = checkpoints[Math.Min(1, checkpoints.Count - 1)].Sequence + 1;
        var before = Math.Min(needed, Math.Max(store.SequenceAt(cutoffMs), BySize(size)));
        long[] kept = [.. Kept(checkpoints, before).Select(c => c.Id)];
        for (var from = size.FirstSequence; ; from += RowsAtATime)
        {
            yield return new LetGo(Math.Min(before, from + RowsAtATime), kept, cutoffMs, RowsAtATime, MaxLetters);
            if (from + RowsAtATime >= before)
                break;
        }

        Records += Math.Max(0, before - size.FirstSequence);
    }

    private long BySize(StoreSize size)
    {
        if (size.Bytes <= bytes)
            return 0;

        // records take about the same each
        var records = size.LastSequence - size.FirstSequence + 1;
        return size.FirstSequence + (long)Math.Ceiling(records * ((double)(size.Bytes - bytes) / size.Bytes));
    }

    private static IEnumerable<CheckpointInfo> Kept(IReadOnlyList<CheckpointInfo> checkpoints, long before)
    {
        var newest = checkpoints.Take(2);
        var daily = checkpoints.Where(c => c.Sequence + 1 >= before)
            .GroupBy(c => c.KeptMs / DayMs).Select(d => d.Last());
        return newest.Union(daily);
    }
}
