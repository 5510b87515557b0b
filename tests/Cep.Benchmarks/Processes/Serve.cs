using System.Globalization;
using Cep.Benchmarks.Measuring;

namespace Cep.Benchmarks.Processes;

/// <summary>
/// One engine and one workload in a process of its own, driven by lines on the standard input, so that it can be
/// measured in turn with engines that are not part of this program: <c>run</c> measures once, <c>rss</c> tells the most
/// memory used so far in kB, <c>quit</c> ends.
/// </summary>
internal static class Serve
{
    public static void Run(Contestant contestant)
    {
        GC.Collect(2, GCCollectionMode.Forced, true, true);
        Say($"READY rss0={Meter.ProcessKb("VmRSS")}");
        while (Console.ReadLine() is { } line && line != "quit")
        {
            if (line == "rss")
                Say($"RSS {Meter.ProcessKb("VmHWM")}");
            else if (line == "run")
                Say(Json(Meter.Run(contestant)));
        }
    }

    private static string Json(Measurement m) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"sec\":{m.Wall:F6},\"tcpu\":{m.ThreadCpu:F6},\"cpu\":{m.Cpu:F3},\"events\":{m.Events}," +
        $"\"eps\":{m.Events / m.Wall:F0},\"alloc\":{m.AllocatedPerEvent:F2},\"allocTotal\":{m.AllocatedPerEvent:F2}," +
        $"\"matches\":{m.Matches},\"check\":{m.Check:F2}}}");

    private static void Say(string line)
    {
        Console.WriteLine(line);
        Console.Out.Flush();
    }
}
