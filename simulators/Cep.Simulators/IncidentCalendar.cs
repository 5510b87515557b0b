namespace Cep.Simulators;

/// <summary>Deals out incidents over time and keys so that no key has two at once.</summary>
internal sealed class IncidentCalendar(SimulationOptions options, int keys, Xoshiro256 random)
{
    private const int Attempts = 64;
    private const long RestMs = 10 * 60_000;
    private readonly Dictionary<int, List<(long FromMs, long ToMs)>> _taken = [];

    public int OfEachKind => (int)Math.Ceiling(options.IncidentsPerHour * options.Duration.TotalHours);

    /// <summary>A key and a time at which it is free for so long, or null where there is no room left.</summary>
    public (int Key, long FromMs)? Take(long lengthMs)
    {
        var room = options.EndMs - options.StartMs - lengthMs;
        if (room <= 0)
            return null;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var from = options.StartMs + (long)(random.Unit() * room);
            var key = random.Below(keys);
            if (!_taken.TryGetValue(key, out var taken))
                _taken[key] = taken = [];
            if (taken.Exists(t => from <= t.ToMs + RestMs && t.FromMs <= from + lengthMs + RestMs))
                continue;
            taken.Add((from, from + lengthMs));
            return (key, from);
        }

        return null;
    }
}
