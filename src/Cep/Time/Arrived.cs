namespace Cep.Time;

/// <summary>An event that waits for its turn: by time, then by arrival.</summary>
internal readonly record struct Arrived(long Time, long Order, int Item) : ITimed<Arrived>
{
    public bool IsBefore(in Arrived other) => Time < other.Time || (Time == other.Time && Order < other.Order);
}
