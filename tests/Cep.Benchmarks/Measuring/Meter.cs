using System.Diagnostics;

namespace Cep.Benchmarks.Measuring;

internal static class Meter
{
    /// <summary>One run of a contestant, from a clean heap.</summary>
    public static Measurement Run(Contestant contestant)
    {
        var tally = new Tally();
        using var run = contestant.Prepare(tally);
        GC.Collect(2, GCCollectionMode.Forced, true, true);
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var allocated = GC.GetTotalAllocatedBytes(true);
        var cpu = Environment.CpuUsage.TotalTime;
        var threadCpu = ThreadClock.Seconds;
        var watch = Stopwatch.StartNew();
        run.Go();
        var wall = watch.Elapsed.TotalSeconds;
        threadCpu = ThreadClock.Seconds - threadCpu;
        var total = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
        allocated = GC.GetTotalAllocatedBytes(true) - allocated;
        return new Measurement(
            contestant.Events, wall, threadCpu, total, allocated, run.SteadyPerEvent, tally.Count, tally.Check);
    }

    /// <summary>At least two runs, and more until the code is compiled as well as it will be.</summary>
    public static double WarmUp(Contestant contestant, double seconds)
    {
        var spent = 0.0;
        var last = 0.0;
        for (var i = 0; i < 2 || (spent < seconds && i < 12); i++)
        {
            last = Run(contestant).Wall;
            spent += last;
        }

        return last;
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        var middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>A line of /proc/self/status in kB: VmHWM is the most memory used so far, VmRSS that used now.</summary>
    public static long ProcessKb(string name)
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(name + ":", StringComparison.Ordinal));
        var number = line.AsSpan(name.Length + 1).TrimEnd("kB").Trim();
        return long.Parse(number, System.Globalization.CultureInfo.InvariantCulture);
    }
}
