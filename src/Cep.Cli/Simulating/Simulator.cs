using Cep.Simulators;

namespace Cep.Cli.Simulating;

/// <summary>Sends the events of a simulation to their targets.</summary>
internal static class Simulator
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Sends all events, at the pace of their event time where a target is live; returns how many there were, by
    /// stream.
    /// </summary>
    public static Dictionary<string, long> Run(
        Simulation simulation, SimulationTargets targets, TimeProvider clock, CancellationToken stop)
    {
        var sent = new Dictionary<string, long>(StringComparer.Ordinal);
        var begin = clock.GetTimestamp();
        long? firstMs = null;
        foreach (var simulated in simulation.Events())
        {
            if (stop.IsCancellationRequested)
                break;
            firstMs ??= simulated.TimeMs;
            if (targets.IsLive)
                Wait(simulated.TimeMs - firstMs.Value, begin, targets, clock, stop);
            targets.Write(simulated.Stream, simulated.Json.Span);
            sent[simulated.Stream] = sent.GetValueOrDefault(simulated.Stream) + 1;
        }

        targets.Flush();
        return sent;
    }

    private static void Wait(
        long dueMs, long begin, SimulationTargets targets, TimeProvider clock, CancellationToken stop)
    {
        var ahead = TimeSpan.FromMilliseconds(dueMs) - clock.GetElapsedTime(begin);
        if (ahead < Beat)
            return;
        targets.Flush();
        stop.WaitHandle.WaitOne(ahead);
    }
}
