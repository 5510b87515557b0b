namespace Cep.Simulators;

/// <summary>Brings events into the order in which they arrive when each is delayed by a bounded time.</summary>
internal static class Disorder
{
    public static IEnumerable<SimulatedEvent> Apply(
        IEnumerable<SimulatedEvent> inTimeOrder, long maxDelayMs, Xoshiro256 random)
    {
        var underway = new PriorityQueue<SimulatedEvent, (long ArrivalMs, long Number)>();
        long number = 0;
        foreach (var e in inTimeOrder)
        {
            while (underway.TryPeek(out var arrived, out var when) && when.ArrivalMs <= e.TimeMs)
            {
                underway.Dequeue();
                yield return arrived;
            }

            // Most networks deliver most messages at once: nine of ten take less than half of the longest delay.
            var share = random.Unit();
            var delay = (long)(maxDelayMs * share * share * share);
            underway.Enqueue(e, (e.TimeMs + delay, number++));
        }

        while (underway.TryDequeue(out var last, out _))
            yield return last;
    }
}
