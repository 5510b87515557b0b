using Cep.Events;
using Cep.Expressions.Evaluation;
using Cep.State;
using Cep.Time;

namespace Cep.Detection;

/// <summary>
/// <c>every</c>: on a beat of event time, aligned to the epoch, conditions are looked at for every key, with the key's
/// latest event and its moving aggregates as of the beat. A beat at T comes after all events with time up to T.
/// </summary>
internal sealed class Beats(FilterGroup group, KeyTable keys)
{
    private readonly List<(ConditionDetector Detector, long[] NextMs)> _beating = [];
    private readonly Frame _frame = new();
    private RowStore? _latest;
    private int[] _rows = new int[16];

    /// <summary>The time of the next beat, or the end of time before the first event.</summary>
    public long NextMs { get; private set; } = StreamClock.EndOfTime;

    public void Add(ConditionDetector detector) => _beating.Add((detector, [long.MaxValue]));

    /// <summary>Lets the beats begin with the first event: all partitions see it, so they beat alike.</summary>
    public void Start(long timeMs)
    {
        if (NextMs == StreamClock.EndOfTime)
            Align(timeMs);
    }

    /// <summary>Does all beats before a time.</summary>
    public void Before(long timeMs, DetectionSink sink)
    {
        if (_latest is null && NextMs < timeMs)
            Align(timeMs);
        while (NextMs < timeMs)
        {
            var now = NextMs;
            foreach (var (detector, next) in _beating)
            {
                if (next[0] != now)
                    continue;
                Beat(detector, now, sink);
                next[0] = now + detector.EveryMs;
            }

            FindNext();
        }
    }

    /// <summary>
    /// Does the beats after the stream's last event, for each rule until nothing can change any more.
    /// </summary>
    public void Finish(long latestMs, DetectionSink sink)
    {
        while (_latest is not null && NextMs < StreamClock.EndOfTime)
        {
            foreach (var (detector, next) in _beating)
                if (next[0] > StreamClock.Saturating(latestMs, detector.SettlesInMs))
                    next[0] = StreamClock.EndOfTime;
            FindNext();
            Before(NextMs == StreamClock.EndOfTime ? NextMs : NextMs + 1, sink);
        }
    }

    /// <summary>Keeps the latest event of each key.</summary>
    public void Remember(Selection events, EventBatch batch)
    {
        if (events.Count == 0)
            return;
        _latest ??= new RowStore(group.Schema, group.ComputedStorage);
        for (var i = 0; i < events.Count; i++)
        {
            ref var row = ref RowOf(events.Slots[i]);
            ReadOnlySpan<Column> computed = events.Computed.Length > 0 ? events.Computed[0] : [];
            if (row == 0)
                row = _latest.Add(batch, events.Rows[i], computed) + 1;
            else
                _latest.Replace(row - 1, batch, events.Rows[i], computed);
        }
    }

    public void Release(int slot)
    {
        if (slot >= _rows.Length || _rows[slot] == 0)
            return;
        _latest!.Remove(_rows[slot] - 1);
        _rows[slot] = 0;
    }

    public void Save(StateWriter writer)
    {
        writer.Section("beats", 1);
        foreach (var (_, next) in _beating)
            writer.Long(next[0]);
        writer.Int(_rows.Count(r => r > 0));
        for (var slot = 0; slot < _rows.Length; slot++)
        {
            if (_rows[slot] == 0)
                continue;
            writer.Int(slot);
            _latest!.Save(writer, _rows[slot] - 1);
        }
    }

    public void Load(StateReader reader, IReadOnlyDictionary<int, int> slots)
    {
        reader.Section("beats", 1);
        foreach (var (_, next) in _beating)
            next[0] = reader.Long();
        FindNext();
        for (var n = reader.Count(); n > 0; n--)
        {
            var slot = slots.GetValueOrDefault(reader.Int(), KeyTable.Elsewhere);
            _latest ??= new RowStore(group.Schema, group.ComputedStorage);
            var row = _latest.Load(reader);
            if (slot < 0)
                _latest.Remove(row);
            else
                RowOf(slot) = row + 1;
        }
    }

    /// <summary>Takes over the beats of a rule, and the latest events where there are none yet.</summary>
    public void TakeOver(
        Beats from, ConditionDetector was, ConditionDetector now, IReadOnlyDictionary<int, int> slots, int[] computed)
    {
        _beating.Find(b => b.Detector == now).NextMs[0] = from._beating.Find(b => b.Detector == was).NextMs[0];
        FindNext();
        if (from._latest is not { } latest || _latest is not null)
            return;
        _latest = new RowStore(group.Schema, group.ComputedStorage);
        for (var slot = 0; slot < from._rows.Length; slot++)
            if (from._rows[slot] > 0)
            {
                var row = from._rows[slot] - 1;
                var reader = StateCopy.Of(w => latest.Save(w, row), computed);
                RowOf(slots[slot]) = _latest.Load(reader) + 1;
            }
    }

    /// <summary>Rules that have joined others begin with the next beat of their own.</summary>
    public void Join()
    {
        if (NextMs == StreamClock.EndOfTime)
            return;
        foreach (var (detector, next) in _beating)
            if (next[0] == long.MaxValue)
                next[0] = NextMs + Modulo(-NextMs, detector.EveryMs);
    }

    private static long Modulo(long time, long every) => (time % every + every) % every;

    /// <summary>The next beats are the first ones from a time on.</summary>
    private void Align(long timeMs)
    {
        foreach (var (detector, next) in _beating)
        {
            var past = Modulo(timeMs, detector.EveryMs);
            next[0] = past == 0 ? timeMs : timeMs - past + detector.EveryMs;
        }

        FindNext();
    }

    private void FindNext() => NextMs = _beating.Min(b => b.NextMs[0]);

    private void Beat(ConditionDetector detector, long nowMs, DetectionSink sink)
    {
        _frame.Columns = _latest!.Columns;
        _frame.Computed = _latest.Computed;
        for (var slot = 0; slot < keys.Limit; slot++)
        {
            if (slot >= _rows.Length || _rows[slot] == 0)
                continue;
            _frame.Row = _rows[slot] - 1;
            _frame.NowMs = nowMs;
            group.Peek(slot, nowMs, _latest.Computed, _frame.Row);
            detector.OnBeat(slot, nowMs, _frame, _latest, sink);
        }
    }

    private ref int RowOf(int slot)
    {
        if (slot >= _rows.Length)
            Array.Resize(ref _rows, Math.Max(slot + 1, _rows.Length * 2));
        return ref _rows[slot];
    }
}
