using System.Runtime.InteropServices;
using Cep.Benchmarks.Data;
using Cep.Benchmarks.Measuring;

namespace Cep.Benchmarks.Hand;

/// <summary>Sessions that end 30 seconds after their last event: a list by last use, as the gap is constant.</summary>
internal static class SessionLoop
{
    private const long GapMs = 30_000;
    private const int Head = 0;

    public static void Run(Purchase[] events, Tally tally)
    {
        var slots = new Dictionary<string, int>();
        var sessions = new Session[1024];
        var used = 1;
        foreach (var e in events)
        {
            while (sessions[Head].Next != Head && sessions[sessions[Head].Next].LastMs + GapMs <= e.Ts)
                Close(sessions, sessions[Head].Next, tally);
            ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(slots, e.Card, out var known);
            if (!known)
            {
                if (used == sessions.Length)
                    Array.Resize(ref sessions, used * 2);
                slot = used++;
            }

            Touch(sessions, slot, e);
        }

        while (sessions[Head].Next != Head)
            Close(sessions, sessions[Head].Next, tally);
    }

    private static void Touch(Session[] sessions, int slot, Purchase e)
    {
        ref var session = ref sessions[slot];
        if (session.Count > 0)
            Unlink(sessions, in session);
        session.Count++;
        session.Sum += e.Amount;
        session.LastMs = e.Ts;
        var tail = sessions[Head].Previous;
        session.Previous = tail;
        session.Next = Head;
        sessions[tail].Next = slot;
        sessions[Head].Previous = slot;
    }

    private static void Close(Session[] sessions, int slot, Tally tally)
    {
        ref var session = ref sessions[slot];
        tally.Add(session.Count + session.Sum);
        Unlink(sessions, in session);
        session.Count = 0;
        session.Sum = 0;
    }

    private static void Unlink(Session[] sessions, in Session session)
    {
        var (previous, next) = (session.Previous, session.Next);
        sessions[previous].Next = next;
        sessions[next].Previous = previous;
    }

    private struct Session
    {
        public int Previous;
        public int Next;
        public long LastMs;
        public int Count;
        public double Sum;
    }
}
