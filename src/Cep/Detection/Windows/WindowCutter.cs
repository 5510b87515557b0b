using Cep.Plans;

namespace Cep.Detection.Windows;

/// <summary>Says which windows of time an event falls into.</summary>
internal abstract class WindowCutter
{
    /// <summary>In how many windows an event can be.</summary>
    public abstract int PerEvent { get; }

    /// <summary>True where every event is in exactly <see cref="PerEvent"/> windows.</summary>
    public abstract bool Covers { get; }

    /// <summary>The latest window that starts at or before the time.</summary>
    public abstract WindowSpan Latest(long timeMs);

    /// <summary>The window before this one.</summary>
    public abstract WindowSpan Before(WindowSpan window);

    public static WindowCutter Create(WindowKind kind) => kind switch
    {
        HoppingWindow w => new HoppingCutter(w),
        CalendarWindow w => new CalendarCutter(w),
        _ => throw new ArgumentException($"{kind.GetType().Name} does not cut time.", nameof(kind)),
    };
}

internal sealed class HoppingCutter(HoppingWindow window) : WindowCutter
{
    public override int PerEvent { get; } = (int)((window.SizeMs + window.StepMs - 1) / window.StepMs);

    public override bool Covers => window.SizeMs % window.StepMs == 0;

    public override WindowSpan Latest(long timeMs)
    {
        var from = timeMs - window.OffsetMs;
        var start = from - (from % window.StepMs + window.StepMs) % window.StepMs + window.OffsetMs;
        return new(start, start + window.SizeMs);
    }

    public override WindowSpan Before(WindowSpan span) => new(span.StartMs - window.StepMs, span.EndMs - window.StepMs);
}

/// <summary>
/// Local days, weeks and months: as long as the clock of the zone makes them (a day may have 23 or 25 hours).
/// </summary>
internal sealed class CalendarCutter : WindowCutter
{
    private readonly CalendarWindow _window;
    private readonly TimeZoneInfo _zone;
    private WindowSpan _last;

    public CalendarCutter(CalendarWindow window)
    {
        _window = window;
        _zone = TimeZoneInfo.FindSystemTimeZoneById(window.Zone);
    }

    public override int PerEvent => 1;

    public override bool Covers => true;

    public override WindowSpan Latest(long timeMs)
    {
        if (timeMs >= _last.StartMs && timeMs < _last.EndMs)
            return _last;
        var local = TimeZoneInfo.ConvertTime(
            DateTimeOffset.FromUnixTimeMilliseconds(timeMs - _window.OffsetMs), _zone).DateTime;
        var day = First(local.Date);
        if (ToUnix(day) > timeMs)
            day = Plus(day, -1);
        while (ToUnix(Plus(day, 1)) <= timeMs)
            day = Plus(day, 1);
        return _last = new(ToUnix(day), ToUnix(Plus(day, 1)));
    }

    public override WindowSpan Before(WindowSpan span) => Latest(span.StartMs - 1);

    private DateTime First(DateTime day) => _window.Unit switch
    {
        CalendarUnit.Month => new DateTime(day.Year, day.Month, 1),
        CalendarUnit.Week => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
        _ => day,
    };

    private DateTime Plus(DateTime day, int n) => _window.Unit switch
    {
        CalendarUnit.Month => day.AddMonths(n),
        CalendarUnit.Week => day.AddDays(7 * n),
        _ => day.AddDays(n),
    };

    /// <summary>
    /// Local midnight; where the clock skips it, the first instant after; where it comes twice, the first.
    /// </summary>
    private long ToUnix(DateTime midnight)
    {
        while (_zone.IsInvalidTime(midnight))
            midnight = midnight.AddMinutes(15);
        var offset = _zone.IsAmbiguousTime(midnight) ? _zone.GetAmbiguousTimeOffsets(midnight).Max()
            : _zone.GetUtcOffset(midnight);
        return new DateTimeOffset(midnight, offset).ToUnixTimeMilliseconds() + _window.OffsetMs;
    }
}
