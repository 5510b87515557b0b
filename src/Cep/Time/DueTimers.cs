using System.Runtime.InteropServices;
using Cep.State;

namespace Cep.Time;

/// <summary>Timers as data: what is due when. Those of one time come in any order.</summary>
internal static class DueTimers
{
    public static void Push(this TimeQueue<DueTimer> timers, long time, int item) =>
        timers.Push(new DueTimer(time, item));

    public static void Save(this TimeQueue<DueTimer> timers, StateWriter writer)
    {
        writer.Int(timers.Count);
        foreach (var timer in timers.Items())
        {
            writer.Long(timer.Time);
            writer.Int(timer.Item);
        }
    }

    /// <summary>
    /// Reads timers back, each under the number that <paramref name="map"/> gives for its old one; below 0: left out.
    /// </summary>
    public static void Load(this TimeQueue<DueTimer> timers, StateReader reader, Func<int, int> map)
    {
        for (var n = reader.Count(); n > 0; n--)
        {
            var (time, item) = (reader.Long(), reader.Int());
            if (map(item) is >= 0 and var mapped)
                timers.Push(time, mapped);
        }
    }
}

/// <summary>Packed, as there may be one for each key.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct DueTimer(long Time, int Item) : ITimed<DueTimer>
{
    public bool IsBefore(in DueTimer other) => Time < other.Time;
}
