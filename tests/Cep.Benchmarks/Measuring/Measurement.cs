namespace Cep.Benchmarks.Measuring;

/// <summary>One run. Times in seconds.</summary>
/// <param name="Events">Events that went in.</param>
/// <param name="Wall">Time on the wall.</param>
/// <param name="ThreadCpu">Processor time of the calling thread, whatever else the machine does.</param>
/// <param name="Cpu">Processor time of the whole process.</param>
/// <param name="Allocated">Bytes allocated, by all threads.</param>
/// <param name="SteadyPerEvent">Bytes allocated an event over the last quarter, when most keys are known.</param>
/// <param name="Matches">What came out.</param>
/// <param name="Check">A sum over what came out: engines that disagree on it did not do the same work.</param>
internal sealed record Measurement(
    long Events, double Wall, double ThreadCpu, double Cpu, long Allocated, double SteadyPerEvent, long Matches,
    double Check)
{
    public double AllocatedPerEvent => (double)Allocated / Events;
}
