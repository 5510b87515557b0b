using Cep.Expressions;

namespace Cep.Plans;

public enum WindowReport : byte
{
    /// <summary>Once, when the window closes.</summary>
    Close,

    /// <summary>On a beat from the window's start, also where nothing changed, and at the close.</summary>
    Every,

    /// <summary>At each event; not at the close.</summary>
    Update,
}

public enum CalendarUnit : byte
{
    Day,

    /// <summary>From Monday.</summary>
    Week,
    Month,
}

/// <summary>How time (or the sequence of events) is cut into windows.</summary>
public abstract record WindowKind;

/// <summary>
/// Windows [start, start + size) with starts at multiples of <paramref name="StepMs"/> + offset; tumbling where step =
/// size.
/// </summary>
public sealed record HoppingWindow(long SizeMs, long StepMs, long OffsetMs) : WindowKind;

/// <summary>
/// Windows that end <paramref name="GapMs"/> after their last event, or <paramref name="MaxMs"/> (0: never) after their
/// start.
/// </summary>
public sealed record SessionWindow(long GapMs, long MaxMs) : WindowKind;

/// <summary>Windows of so many events of the key, in time order.</summary>
public sealed record CountWindow(int Size) : WindowKind;

/// <summary>Windows from local midnight to local midnight of a time zone (IANA name), shifted by the offset.</summary>
public sealed record CalendarWindow(CalendarUnit Unit, string Zone, long OffsetMs) : WindowKind;

/// <summary><c>window</c>: groups of events.</summary>
/// <param name="Kind">How they are grouped.</param>
/// <param name="Select">The values of a window: expressions over aggregates of range <see cref="RangeKind.Group"/> and
/// key parts.</param>
/// <param name="When">The condition over selected values; null: every window is reported.</param>
/// <param name="Report">When.</param>
/// <param name="EveryMs">The beat of <see cref="WindowReport.Every"/>.</param>
/// <param name="AllowedLatenessMs">How long after its end a window still takes events and is reported again.</param>
public sealed record WindowPlan(
    WindowKind Kind, ValueList<NamedExpr> Select, Expr? When, WindowReport Report, long EveryMs, long AllowedLatenessMs)
        : DetectorPlan;
