using Cep.Events;
using Cep.Expressions.Evaluation;
using Cep.Plans;
using Cep.State;
using Cep.Time;

namespace Cep.Detection.Windows;

/// <summary>
/// Tumbling, hopping and calendar windows. They take events in any order as long as the window is not over.
/// </summary>
internal sealed class TimeWindowDetector : Detector
{
    private readonly WindowPlan _plan;
    private readonly KeyTable _keys;
    private readonly WindowCutter _cutter;
    private readonly WindowValues _values;
    private readonly Stack<OpenWindow> _spare = new();
    private int[] _groups = new int[64];
    private int[] _open = new int[16];

    /// <summary>The windows that take events, by start.</summary>
    private readonly List<OpenWindow> _windows = [];

    public TimeWindowDetector(HostedRule rule, WindowPlan plan, KeyTable keys, EvalCompiler events)
        : base(rule)
    {
        (_plan, _keys) = (plan, keys);
        _cutter = WindowCutter.Create(plan.Kind);
        _values = new WindowValues(rule, plan, events);
    }

    public override int OnEvents(Selection events, DetectionSink sink)
    {
        var batch = events.Batches[0];
        if (events.Late || _plan.Report == WindowReport.Update || !_cutter.Covers)
            return OnEach(events, batch, sink);
        if (_groups.Length < events.Count)
            _groups = new int[Math.Max(events.Count, _groups.Length * 2)];
        var from = 0;
        while (from < events.Count)
        {
            var to = _plan.Report == WindowReport.Every ? UpToBeat(events, batch, from, sink) : events.Count;
            Take(events, batch, from, to);
            from = to;
        }

        return events.Count;
    }

    public override void OnClock(long clockMs, DetectionSink sink)
    {
        if (_plan.Report == WindowReport.Every)
            Beat(clockMs, sink);
        for (var i = 0; i < _windows.Count && _windows[i].Span.EndMs <= clockMs; i++)
        {
            var window = _windows[i];
            if (!window.Closed)
                Close(window, sink);
            if (StreamClock.Saturating(window.Span.EndMs, _plan.AllowedLatenessMs) > clockMs)
                continue;
            LetGo(window);
            _windows.RemoveAt(i--);
        }
    }

    public override long NextDueMs
    {
        get
        {
            var next = StreamClock.EndOfTime;
            foreach (var window in _windows)
            {
                var end = window.Span.EndMs;
                var due = window.Closed ? StreamClock.Saturating(end, _plan.AllowedLatenessMs) : end;
                if (_plan.Report == WindowReport.Every && !window.Closed)
                    due = Math.Min(due, StreamClock.Saturating(window.NextBeatMs, 1));
                next = Math.Min(next, due);
            }

            return next;
        }
    }

    public override bool Holds(int slot, long clockMs) => slot < _open.Length && _open[slot] > 0;

    public override void Release(int slot)
    {
        // no window has the key any more: there is nothing to let go of
    }

    public override void Save(StateWriter writer)
    {
        writer.Section("time-window", 1);
        writer.Int(_windows.Count);
        foreach (var window in _windows)
        {
            writer.Long(window.Span.StartMs);
            writer.Long(window.Span.EndMs);
            writer.Bool(window.Closed);
            writer.Long(window.NextBeatMs);
            writer.Int(window.Count);
            for (var i = 0; i < window.Count; i++)
            {
                writer.Int(window.Slots[i]);
                writer.Int(window.Reports[i]);
                _values.Save(writer, window.Groups[i]);
            }
        }
    }

    public override void Load(StateReader reader, IReadOnlyDictionary<int, int> slots)
    {
        reader.Section("time-window", 1);
        for (var n = reader.Count(); n > 0; n--)
        {
            var span = new WindowSpan(reader.Long(), reader.Long());
            var window = WindowOf(span, span.StartMs);
            window.Closed = reader.Bool();
            window.NextBeatMs = reader.Long();
            for (var entries = reader.Count(); entries > 0; entries--)
            {
                var slot = slots.GetValueOrDefault(reader.Int(), KeyTable.Elsewhere);
                var reports = reader.Int();
                if (slot < 0)
                {
                    var passedOver = _values.Allocate();
                    _values.Load(reader, passedOver);
                    _values.Free(passedOver);
                    continue;
                }

                var entry = EntryOf(window, slot);
                window.Reports[entry] = reports;
                _values.Load(reader, window.Groups[entry]);
            }
        }
    }

    /// <summary>Adds the entries from..to, all at once for each aggregate.</summary>
    private void Take(Selection events, EventBatch batch, int from, int to)
    {
        var rows = events.Rows;
        var slots = events.Slots;
        var times = batch.Times;
        for (var back = 0; back < _cutter.PerEvent; back++)
        {
            OpenWindow? window = null;
            var span = default(WindowSpan);
            for (var i = from; i < to; i++)
            {
                var time = times[rows[i]];
                if (window is null || time < span.StartMs || time >= span.EndMs || _cutter.PerEvent > 1)
                {
                    var found = WindowAt(time, back);
                    if (window is null || found != span)
                        window = WindowOf(span = found, time);
                }

                var entry = window.Find(slots[i]);
                if (entry < 0)
                    entry = EntryOf(window, slots[i]);
                _groups[i] = window.Groups[entry];
            }

            _values.AddEach(_groups.AsSpan(from, to - from), rows.AsSpan(from, to - from), times, events.Frame);
        }
    }

    /// <summary>Adds one event after the other and reports where each asks for it: late events and updates.</summary>
    private int OnEach(Selection events, EventBatch batch, DetectionSink sink)
    {
        var taken = 0;
        var frame = events.Frame;
        for (var i = 0; i < events.Count; i++)
        {
            frame.Row = events.Rows[i];
            frame.NowMs = batch.Times[frame.Row];
            if (_plan.Report == WindowReport.Every && !events.Late)
                Beat(frame.NowMs, sink);
            var any = false;
            for (var back = 0; back < _cutter.PerEvent; back++)
            {
                var span = WindowAt(frame.NowMs, back);
                if (frame.NowMs >= span.EndMs)
                    continue;
                if (events.Late && StreamClock.Saturating(span.EndMs, _plan.AllowedLatenessMs) <= events.ClockMs)
                    continue;
                any = true;
                TakeOne(span, events.Slots[i], frame, events, sink);
            }

            taken += any ? 1 : 0;
        }

        return taken;
    }

    private void TakeOne(WindowSpan span, int slot, Frame frame, Selection events, DetectionSink sink)
    {
        var window = WindowOf(span, events.Late ? Math.Max(frame.NowMs, events.ClockMs) : frame.NowMs);
        var first = window.Find(slot) < 0;
        var entry = EntryOf(window, slot);
        var group = window.Groups[entry];
        _values.Add(group, frame);
        var closed = events.Late && span.EndMs <= events.ClockMs;
        var update = _plan.Report == WindowReport.Update;
        if (!closed && !update)
            return;
        if (closed)
        {
            window.Closed = true;
            if (update && !first)
                window.Reports[entry]++;
        }

        var revision = window.Reports[entry];
        if (update)
            _values.Report(
                group, slot, _keys, span, frame.NowMs, revision, sink, events.Batches[0].Positions[frame.Row]);
        else
            _values.Report(group, slot, _keys, span, span.EndMs, revision, sink);
        if (!update)
            window.Reports[entry]++;
    }

    /// <summary>The first beat of a window from a time on; those before it had nothing to tell.</summary>
    private long FirstBeat(WindowSpan span, long fromMs)
    {
        var beats = Math.Max(1, (fromMs - span.StartMs + _plan.EveryMs - 1) / Math.Max(1, _plan.EveryMs));
        return span.StartMs + beats * _plan.EveryMs;
    }

    private WindowSpan WindowAt(long timeMs, int back)
    {
        var span = _cutter.Latest(timeMs);
        for (; back > 0; back--)
            span = _cutter.Before(span);
        return span;
    }

    private OpenWindow WindowOf(WindowSpan span, long fromMs)
    {
        var at = _windows.Count;
        while (at > 0 && _windows[at - 1].Span.StartMs >= span.StartMs)
        {
            if (_windows[--at].Span.StartMs == span.StartMs)
                return _windows[at];
        }

        var window = _spare.Count > 0 ? _spare.Pop() : new OpenWindow();
        window.Span = span;
        window.NextBeatMs = FirstBeat(span, fromMs);
        _windows.Insert(at, window);
        return window;
    }

    private int EntryOf(OpenWindow window, int slot)
    {
        var entry = window.Find(slot);
        if (entry >= 0)
            return entry;
        if (slot >= _open.Length)
            Array.Resize(ref _open, Math.Max(slot + 1, _open.Length * 2));
        _open[slot]++;
        return window.Add(slot, _values.Allocate());
    }

    private void Close(OpenWindow window, DetectionSink sink)
    {
        window.Closed = true;
        if (_plan.Report == WindowReport.Update)
            return;
        for (var i = 0; i < window.Count; i++)
            _values.Report(window.Groups[i], window.Slots[i], _keys, window.Span, window.Span.EndMs,
                window.Reports[i]++, sink);
    }

    private void LetGo(OpenWindow window)
    {
        foreach (var slot in window.Slots.AsSpan(0, window.Count))
            _open[slot]--;
        _values.Free(window.Groups.AsSpan(0, window.Count));
        window.Clear();
        _spare.Push(window);
    }

    /// <summary>Does the beats before the entry's time; gives the end of the entries up to the next beat.</summary>
    private int UpToBeat(Selection events, EventBatch batch, int from, DetectionSink sink)
    {
        var time = batch.Times[events.Rows[from]];
        Beat(time, sink);
        foreach (var window in _windows)
            if (window.Span.EndMs <= time && !window.Closed)
                Close(window, sink);
        var next = long.MaxValue;
        for (var back = 0; back < _cutter.PerEvent; back++)
            next = Math.Min(next, FirstBeat(WindowAt(time, back), time));
        foreach (var window in _windows)
            if (!window.Closed)
                next = Math.Min(next, window.NextBeatMs);
        var to = from + 1;
        while (to < events.Count && batch.Times[events.Rows[to]] <= next)
            to++;
        return to;
    }

    /// <summary>Reports all open windows on their beats before a time; the last beat is the close.</summary>
    private void Beat(long beforeMs, DetectionSink sink)
    {
        foreach (var window in _windows)
        {
            if (window.Closed)
                continue;
            for (; window.NextBeatMs < Math.Min(beforeMs, window.Span.EndMs); window.NextBeatMs += _plan.EveryMs)
                for (var i = 0; i < window.Count; i++)
                    _values.Report(window.Groups[i], window.Slots[i], _keys, window.Span, window.NextBeatMs, 0, sink);
        }
    }
}
