using Cep.Plans;
using Cep.State;
using Cep.Time;

namespace Cep.Detection.Patterns;

/// <summary>
/// When the events came that a pattern's first negations forbid, as far back as it matters, for one key.
/// </summary>
internal sealed class NegationHistory(Negation[] negations, long withinMs)
{
    private readonly Queue<long>[] _times = [.. negations.Select(_ => new Queue<long>())];
    private readonly int[] _lastNumbers = new int[negations.Length];
    private readonly long[] _lastMs = new long[negations.Length];

    public void Add(int index, int number, long timeMs)
    {
        var times = _times[index];
        var reach = Reach(negations[index]);
        while (times.Count > 0 && StreamClock.Saturating(times.Peek(), reach) < timeMs)
            times.Dequeue();
        // where only the latest matters it is the only one kept
        if (negations[index].After.FromMs == 0)
            times.Clear();
        times.Enqueue(timeMs);
        (_lastNumbers[index], _lastMs[index]) = (number, timeMs);
    }

    /// <summary>Whether an event can begin a match, and after which time it can end.</summary>
    public bool Allows(int index, int number, long timeMs, ref long notBeforeMs)
    {
        var link = negations[index].After;
        if (link.Kind == LinkKind.Directly)
        {
            var elapsed = timeMs - _lastMs[index];
            return _lastNumbers[index] == 0 || _lastNumbers[index] != number - 1 || elapsed < link.FromMs
                || elapsed > link.ToMs;
        }

        foreach (var time in _times[index])
        {
            if (timeMs - time < link.FromMs)
                continue;
            if (link.ToMs == long.MaxValue)
                notBeforeMs = Math.Max(notBeforeMs, StreamClock.Saturating(time, withinMs));
            else if (timeMs - time <= link.ToMs)
                return false;
        }

        return true;
    }

    public bool Holds(long clockMs, int number)
    {
        for (var i = 0; i < _times.Length; i++)
        {
            if (negations[i].After.Kind == LinkKind.Directly && _lastNumbers[i] == number && number > 0)
                return true;
            if (_times[i].Count > 0 && StreamClock.Saturating(_lastMs[i], Reach(negations[i])) >= clockMs)
                return true;
        }

        return false;
    }

    public void Save(StateWriter writer)
    {
        for (var i = 0; i < _times.Length; i++)
        {
            writer.Int(_lastNumbers[i]);
            writer.Long(_lastMs[i]);
            writer.Int(_times[i].Count);
            foreach (var time in _times[i])
                writer.Long(time);
        }
    }

    public void Load(StateReader reader)
    {
        for (var i = 0; i < _times.Length; i++)
        {
            (_lastNumbers[i], _lastMs[i]) = (reader.Int(), reader.Long());
            for (var n = reader.Count(); n > 0; n--)
                _times[i].Enqueue(reader.Long());
        }
    }

    private long Reach(Negation negation) => negation.After.ToMs != long.MaxValue ? negation.After.ToMs : withinMs;
}
