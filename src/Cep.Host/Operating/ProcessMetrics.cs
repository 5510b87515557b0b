using System.Globalization;
using System.Reflection;
using static Cep.Host.Operating.MetricKind;

namespace Cep.Host.Operating;

/// <summary>What the process takes; under the names that Prometheus gives that of all processes.</summary>
internal static class ProcessMetrics
{
    /// <summary>The version that runs, without the commit.</summary>
    public static string Version { get; } = typeof(ProcessMetrics).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    public static IEnumerable<MetricFamily> Collect(DateTimeOffset started)
    {
        var collections = new MetricFamily("cep_gc_collections_total", Counter, "Garbage collections by generation.");
        for (var (generation, older) = (GC.MaxGeneration, 0); generation >= 0; generation--)
        {
            // those of older generations count for the younger ones too
            var all = GC.CollectionCount(generation);
            collections.Add(all - older, ("generation", generation.ToString(CultureInfo.InvariantCulture)));
            older = all;
        }

        return
        [
            new MetricFamily("process_cpu_seconds_total", Counter, "Processor time that the process has taken.")
                .Add(Environment.CpuUsage.TotalTime.TotalSeconds),
            new MetricFamily("process_resident_memory_bytes", Gauge, "Memory that the process holds.")
                .Add(Environment.WorkingSet),
            new MetricFamily("process_start_time_seconds", Gauge, "When it was started, since the epoch.")
                .Add(started.ToUnixTimeMilliseconds() / 1000d),
            new MetricFamily("cep_gc_heap_bytes", Gauge, "What the managed heap holds.").Add(GC.GetTotalMemory(false)),
            new MetricFamily("cep_gc_allocated_bytes_total", Counter, "What was allocated on the managed heap.")
                .Add(GC.GetTotalAllocatedBytes()),
            new MetricFamily("cep_gc_pause_seconds_total", Counter, "How long collections held the process up.")
                .Add(GC.GetTotalPauseDuration().TotalSeconds),
            collections,
            new MetricFamily("cep_build_info", Gauge, "The version that runs; always 1.").Add(1, ("version", Version)),
        ];
    }
}
