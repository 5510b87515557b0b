namespace Cep.Host.Keeping;

/// <summary>Counts what is committed. Written by the thread that keeps, read by any.</summary>
internal sealed class JournalMeter
{
    private static readonly double[] s_bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
    private readonly Lock _lock = new();
    private readonly long[] _buckets = new long[s_bounds.Length];
    private long _records;
    private long _bytes;
    private long _commits;
    private double _seconds;

    /// <summary>What was committed so far, in one piece.</summary>
    /// <param name="Records">Records of the journal.</param>
    /// <param name="Bytes">What the records hold.</param>
    /// <param name="Commits">Commits, also of other things than records.</param>
    /// <param name="Seconds">How long the commits took together.</param>
    /// <param name="Buckets">How many commits took no longer than so many seconds.</param>
    internal sealed record Reading(
        long Records, long Bytes, long Commits, double Seconds, IReadOnlyList<(double Bound, long Commits)> Buckets);

    public void Committed(int records, long bytes, TimeSpan took)
    {
        lock (_lock)
        {
            _records += records;
            _bytes += bytes;
            _commits++;
            _seconds += took.TotalSeconds;
            for (var i = 0; i < s_bounds.Length; i++)
                if (took.TotalSeconds <= s_bounds[i])
                    _buckets[i]++;
        }
    }

    public Reading Read()
    {
        lock (_lock)
            return new Reading(_records, _bytes, _commits, _seconds, [.. s_bounds.Zip(_buckets)]);
    }
}
