using System.Runtime.InteropServices;
using Cep.Events;
using Cep.Expressions.Evaluation;
using Cep.Plans;
using Cep.State;
using Cep.Time;

namespace Cep.Detection.Windows;

/// <summary>
/// Session windows: a session takes an event that comes before its end, which is its last event + gap, but not after
/// its start + max. A late event may join, or join together, sessions that are not over yet.
/// </summary>
internal sealed class SessionDetector : Detector
{
    private readonly WindowPlan _plan;
    private readonly SessionWindow _kind;
    private readonly KeyTable _keys;
    private readonly WindowValues _values;
    private readonly TimeQueue<DueTimer> _timers = new();
    private readonly TimeQueue<DueTimer> _beats = new();

    /// <summary>Sessions by the number of their group.</summary>
    private Session[] _sessions = new Session[64];

    /// <summary>The latest session of each key, plus 1; 0: none.</summary>
    private int[] _latest = new int[16];
    private int[] _groups = new int[64];

    /// <summary>The key's session before each, plus 1; 0: none. Empty while no key has two.</summary>
    private int[] _before = [];

    /// <summary>The next beat of each session: others in the queue are out of date. None without beats.</summary>
    private long[] _nextBeats = [];

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct Session
    {
        public long StartMs;
        public long LastMs;
        public int Slot;

        /// <summary>How often it was reported, plus 1; negative once closed; 0: there is no such session.</summary>
        private int _life;

        public readonly bool Live => _life != 0;

        public bool Closed
        {
            readonly get => _life < 0;
            set => _life = value ? -Math.Abs(_life) : Math.Abs(_life);
        }

        public int Reports
        {
            readonly get => Math.Abs(_life) - 1;
            set => _life = Closed ? -(value + 1) : value + 1;
        }
    }

    /// <summary>The bytes of a window without its values.</summary>
    public static int WindowBytes => System.Runtime.CompilerServices.Unsafe.SizeOf<Session>();

    public SessionDetector(HostedRule rule, WindowPlan plan, KeyTable keys, EvalCompiler events)
        : base(rule)
    {
        (_plan, _kind, _keys) = (plan, (SessionWindow)plan.Kind, keys);
        _values = new WindowValues(rule, plan, events);
    }

    public override int OnEvents(Selection events, DetectionSink sink)
    {
        var batch = events.Batches[0];
        if (events.Late)
            return OnLate(events, batch, sink);
        if (_plan.Report != WindowReport.Close)
            return OnEach(events, batch, sink);
        if (_groups.Length < events.Count)
            _groups = new int[Math.Max(events.Count, _groups.Length * 2)];
        for (var i = 0; i < events.Count; i++)
            _groups[i] = Take(events.Slots[i], batch.Times[events.Rows[i]]);
        _values.AddEach(_groups.AsSpan(0, events.Count), events.Rows.AsSpan(0, events.Count), batch.Times,
            events.Frame);
        return events.Count;
    }

    public override void OnClock(long clockMs, DetectionSink sink)
    {
        Beat(clockMs, sink);
        while (_timers.NextTime <= clockMs && _timers.Count > 0)
        {
            var timer = _timers.Pop();
            ref var session = ref _sessions[timer.Item];
            if (!session.Live)
                continue;
            var end = EndOf(session);
            if (session.Closed || end > timer.Time)
            {
                // it grew, or is reported and waits until it is over
                if (session.Closed && Over(end) <= clockMs)
                    LetGo(timer.Item);
                else
                    _timers.Push(session.Closed ? Over(end) : end, timer.Item);
                continue;
            }

            Close(timer.Item, sink);
            if (_plan.AllowedLatenessMs == 0)
                LetGo(timer.Item);
            else
                _timers.Push(Over(end), timer.Item);
        }
    }

    public override long NextDueMs => Math.Min(_timers.NextTime, StreamClock.Saturating(_beats.NextTime, 1));

    public override bool Holds(int slot, long clockMs) => slot < _latest.Length && _latest[slot] > 0;

    public override void Release(int slot)
    {
        // the key has no session any more: there is nothing to let go of
    }

    public override void Save(StateWriter writer)
    {
        writer.Section("session", 1);
        writer.Int(_sessions.Count(s => s.Live));
        for (var slot = 0; slot < _latest.Length; slot++)
            foreach (var id in SessionsOf(slot).Reverse())
            {
                ref var session = ref _sessions[id];
                writer.Int(id);
                writer.Int(slot);
                writer.Long(session.StartMs);
                writer.Long(session.LastMs);
                writer.Long(_nextBeats.Length > 0 ? _nextBeats[id] : 0);
                writer.Int(session.Reports);
                writer.Bool(session.Closed);
                _values.Save(writer, id);
            }

        _timers.Save(writer);
        _beats.Save(writer);
    }

    public override void Load(StateReader reader, IReadOnlyDictionary<int, int> slots)
    {
        reader.Section("session", 1);
        var ids = new Dictionary<int, int>();
        for (var n = reader.Count(); n > 0; n--)
        {
            var old = reader.Int();
            var slot = slots.GetValueOrDefault(reader.Int(), KeyTable.Elsewhere);
            var id = _values.Allocate();
            var session = new Session
            {
                Slot = slot,
                StartMs = reader.Long(),
                LastMs = reader.Long(),
            };
            var nextBeat = reader.Long();
            session.Reports = reader.Int();
            session.Closed = reader.Bool();
            _values.Load(reader, id);
            if (slot < 0)
            {
                _values.Free(id);
                continue;
            }

            Link(id, session);
            SetBeat(id, nextBeat);
            ids[old] = id;
        }

        _timers.Load(reader, old => ids.GetValueOrDefault(old, -1));
        _beats.Load(reader, old => ids.GetValueOrDefault(old, -1));
    }

    private long EndOf(in Session session)
    {
        var end = session.LastMs + _kind.GapMs;
        return _kind.MaxMs > 0 ? Math.Min(end, session.StartMs + _kind.MaxMs) : end;
    }

    private long Over(long endMs) => StreamClock.Saturating(endMs, _plan.AllowedLatenessMs);

    /// <summary>The session that takes an event in order: the latest one, or a new one.</summary>
    private int Take(int slot, long timeMs)
    {
        if (slot >= _latest.Length)
            Array.Resize(ref _latest, Math.Max(slot + 1, _latest.Length * 2));
        var id = _latest[slot] - 1;
        if (id >= 0 && timeMs < EndOf(_sessions[id]))
        {
            _sessions[id].LastMs = timeMs;
            return id;
        }

        return Begin(slot, timeMs, timeMs);
    }

    private int Begin(int slot, long timeMs, long clockMs)
    {
        var id = _values.Allocate();
        Link(id, new Session { Slot = slot, StartMs = timeMs, LastMs = timeMs, Reports = 0 });
        _timers.Push(EndOf(_sessions[id]), id);
        ArmBeat(id, clockMs);
        return id;
    }

    /// <summary>Sets the session's next beat: the first one that is not before the clock.</summary>
    private void ArmBeat(int id, long clockMs)
    {
        if (_plan.Report != WindowReport.Every)
            return;
        ref var session = ref _sessions[id];
        var beats = Math.Max(1, (clockMs - session.StartMs + _plan.EveryMs - 1) / _plan.EveryMs);
        SetBeat(id, session.StartMs + beats * _plan.EveryMs);
        _beats.Push(_nextBeats[id], id);
    }

    private void SetBeat(int id, long timeMs)
    {
        if (_plan.Report != WindowReport.Every)
            return;
        if (id >= _nextBeats.Length)
            Array.Resize(ref _nextBeats, Math.Max(id + 1, _nextBeats.Length * 2));
        _nextBeats[id] = timeMs;
    }

    private void Link(int id, Session session)
    {
        if (id >= _sessions.Length)
            Array.Resize(ref _sessions, Math.Max(id + 1, _sessions.Length * 2));
        if (session.Slot >= _latest.Length)
            Array.Resize(ref _latest, Math.Max(session.Slot + 1, _latest.Length * 2));

        // by start: a late event may begin a session before those that are there
        var (link, later) = (_latest[session.Slot], 0);
        for (; link > 0 && _sessions[link - 1].StartMs > session.StartMs; link = Before(link - 1))
            later = link;
        SetBefore(id, link);
        SetLink(session.Slot, later, id + 1);
        _sessions[id] = session;
    }

    private void Unlink(int id)
    {
        var slot = _sessions[id].Slot;
        var later = 0;
        for (var link = _latest[slot]; link - 1 != id; link = Before(link - 1))
            later = link;
        SetLink(slot, later, Before(id));
    }

    /// <summary>Sets what comes before a session, or which one is the key's latest.</summary>
    private void SetLink(int slot, int later, int link)
    {
        if (later > 0)
            SetBefore(later - 1, link);
        else
            _latest[slot] = link;
    }

    private int Before(int id) => id < _before.Length ? _before[id] : 0;

    private void SetBefore(int id, int link)
    {
        if (id >= _before.Length)
        {
            if (link == 0)
                return;
            Array.Resize(ref _before, Math.Max(id + 1, _sessions.Length));
        }

        _before[id] = link;
    }

    private IEnumerable<int> SessionsOf(int slot)
    {
        if (slot >= _latest.Length)
            yield break;
        for (var link = _latest[slot]; link > 0; link = Before(link - 1))
            yield return link - 1;
    }

    private int OnEach(Selection events, EventBatch batch, DetectionSink sink)
    {
        var frame = events.Frame;
        for (var i = 0; i < events.Count; i++)
        {
            frame.Row = events.Rows[i];
            frame.NowMs = batch.Times[frame.Row];
            OnClock(frame.NowMs, sink);
            var id = Take(events.Slots[i], frame.NowMs);
            _values.Add(id, frame);
            if (_plan.Report == WindowReport.Update)
                Report(id, frame.NowMs, _sessions[id].Reports, sink, batch.Positions[frame.Row]);
        }

        return events.Count;
    }

    private int OnLate(Selection events, EventBatch batch, DetectionSink sink)
    {
        var taken = 0;
        var frame = events.Frame;
        for (var i = 0; i < events.Count; i++)
        {
            frame.Row = events.Rows[i];
            frame.NowMs = batch.Times[frame.Row];
            var id = TakeLate(events.Slots[i], frame.NowMs, events.ClockMs);
            if (id < 0)
                continue;
            taken++;
            _values.Add(id, frame);
            ReportLate(id, batch, frame.Row, events.ClockMs, sink);
        }

        return taken;
    }

    /// <summary>
    /// The session a late event makes of itself and those it joins, or -1 where that would be over already.
    /// </summary>
    private int TakeLate(int slot, long timeMs, long clockMs)
    {
        var merged = new Session { Slot = slot, StartMs = timeMs, LastMs = timeMs, Reports = 0 };
        var joined = Join(slot, timeMs, ref merged);
        if (Over(EndOf(merged)) <= clockMs)
            return -1;
        if (joined.Count == 0)
            return Begin(slot, timeMs, clockMs);
        var into = joined[0];
        foreach (var id in joined.Skip(1))
        {
            _values.Merge(into, id);
            LetGo(id);
        }

        ref var session = ref _sessions[into];
        var armed = session.Closed ? Over(EndOf(session)) : EndOf(session);
        (session.StartMs, session.LastMs, session.Reports) = (merged.StartMs, merged.LastMs, merged.Reports);
        session.Closed = false;
        if (EndOf(session) < armed || EndOf(session) > clockMs)
            _timers.Push(EndOf(session), into);
        ArmBeat(into, clockMs);
        return into;
    }

    /// <summary>
    /// The sessions that an event joins, earliest first, and what becomes of them together; one that would make the
    /// whole longer than max stays by itself. The revision is the highest; of sessions reported at their events, + 1.
    /// </summary>
    private List<int> Join(int slot, long timeMs, ref Session merged)
    {
        var joined = new List<int>();
        var closed = false;
        foreach (var id in SessionsOf(slot).Reverse())
        {
            ref var session = ref _sessions[id];
            if (timeMs >= EndOf(session) || session.StartMs >= timeMs + _kind.GapMs)
                continue;
            var start = Math.Min(merged.StartMs, session.StartMs);
            var last = Math.Max(merged.LastMs, session.LastMs);
            if (_kind.MaxMs > 0 && last >= start + _kind.MaxMs)
                continue;
            (merged.StartMs, merged.LastMs) = (start, last);
            merged.Reports = Math.Max(merged.Reports, session.Reports);
            closed |= session.Closed;
            joined.Add(id);
        }

        if (closed && _plan.Report == WindowReport.Update)
            merged.Reports++;
        return joined;
    }

    private void ReportLate(int id, EventBatch batch, int row, long clockMs, DetectionSink sink)
    {
        ref var session = ref _sessions[id];
        var closed = EndOf(session) <= clockMs;
        session.Closed = closed;
        if (_plan.Report == WindowReport.Update)
            Report(id, batch.Times[row], session.Reports, sink, batch.Positions[row]);
        else if (closed)
            Report(id, EndOf(session), session.Reports++, sink);
    }

    private void Close(int id, DetectionSink sink)
    {
        ref var session = ref _sessions[id];
        session.Closed = true;
        if (_plan.Report != WindowReport.Update)
            Report(id, EndOf(session), session.Reports++, sink);
    }

    private void Report(int id, long atMs, int revision, DetectionSink sink, long order = long.MaxValue)
    {
        ref var session = ref _sessions[id];
        _values.Report(id, session.Slot, _keys, new(session.StartMs, EndOf(session)), atMs, revision, sink, order);
    }

    private void LetGo(int id)
    {
        Unlink(id);
        _sessions[id] = default;
        _values.Free(id);
    }

    /// <summary>Reports open sessions on their beats before a time; the last beat is the close.</summary>
    private void Beat(long beforeMs, DetectionSink sink)
    {
        while (_beats.NextTime < beforeMs)
        {
            var beat = _beats.Pop();
            ref var session = ref _sessions[beat.Item];
            if (!session.Live || session.Closed || beat.Time != _nextBeats[beat.Item] || beat.Time >= EndOf(session))
                continue;
            Report(beat.Item, beat.Time, session.Reports, sink);
            SetBeat(beat.Item, beat.Time + _plan.EveryMs);
            _beats.Push(_nextBeats[beat.Item], beat.Item);
        }
    }
}
