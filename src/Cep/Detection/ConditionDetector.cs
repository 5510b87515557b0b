using Cep.Events;
using Cep.Expressions.Evaluation;
using Cep.Plans;
using Cep.State;
using Cep.Time;

namespace Cep.Detection;

/// <summary>
/// <c>when</c> on events in order: plain or rising conditions, and those whose alert is a state of its key
/// (<c>for</c>, <c>resolve</c>): idle → pending → firing → idle.
/// </summary>
internal sealed class ConditionDetector : Detector
{
    private readonly ConditionPlan _plan;
    private readonly KeyTable _keys;
    private readonly BatchFilter _when;
    private readonly Eval<bool>? _resolve;
    private readonly FilterGroup _group;
    private readonly TimeQueue<DueTimer> _timers = new();
    private readonly Detected _detected = new();
    private readonly Frame _storedFrame = new();
    private RowStore? _stored;
    private KeyState[] _states = new KeyState[16];
    private ulong[] _holds = [];

    private enum Phase : byte
    {
        Idle,
        Pending,
        Firing,
    }

    private struct KeyState
    {
        public Phase Phase;

        /// <summary>The condition held when it was last looked at.</summary>
        public bool Held;

        public bool Armed;

        /// <summary>The latest event of a pending run, in the store, plus 1; 0: none.</summary>
        public int Stored;

        /// <summary>When a pending run fires, ms.</summary>
        public long DueMs;
    }

    /// <summary>The bytes of a key's state.</summary>
    public static int KeyBytes => System.Runtime.CompilerServices.Unsafe.SizeOf<KeyState>();

    public ConditionDetector(HostedRule rule, ConditionPlan plan, KeyTable keys, FilterGroup group)
        : base(rule)
    {
        (_plan, _keys, _group) = (plan, keys, group);
        _when = BatchFilters.Compile(plan.When, group.Compiler);
        When = plan.EveryMs > 0 ? group.Compiler.Condition(plan.When) : null;
        _resolve = plan.Resolve is { } resolve ? group.Compiler.Condition(resolve) : null;
        rule.CompileWith(group.Compiler);
    }

    /// <summary>The condition for beats, where the rule has them.</summary>
    public Eval<bool>? When { get; }

    /// <summary>The beat on which the condition is looked at between events, ms; 0: none.</summary>
    public long EveryMs => _plan.EveryMs;

    /// <summary>
    /// How long after the stream's last event a beat can still find what the beat before did not, ms: until all ranges
    /// are empty and all runs of <c>for</c> are over.
    /// </summary>
    public long SettlesInMs => EveryMs + _plan.ForMs + RuleExprs.LongestRangeMs(Rule.Plan, _plan);

    private bool NeedsState => _plan.HasState || _plan.Rising;

    public override int OnEvents(Selection events, DetectionSink sink)
    {
        if (events.Late)
            return 0;
        var batch = events.Batches[0];
        var end = events.Rows[events.Count - 1] + 1;
        var words = (end + 63) >> 6;
        if (_holds.Length < words)
            _holds = new ulong[words * 2];
        Array.Copy(events.Mask, _holds, words);
        _when.Apply(events.Frame, batch.Times, end, _holds);
        if (NeedsState)
            Track(events, batch, sink);
        else
            ReportEach(events, batch, sink);
        return 0;
    }

    public override void OnClock(long clockMs, DetectionSink sink)
    {
        while (_timers.NextTime < clockMs)
        {
            var due = _timers.Pop();
            ref var state = ref _states[due.Item];
            state.Armed = false;
            if (state.Phase != Phase.Pending)
                continue;
            if (state.DueMs > due.Time)
                Arm(ref state, due.Item);
            else
                FireStored(ref state, due.Item, due.Time, sink);
        }
    }

    /// <summary>Looks at the condition of a key between events: the frame holds its latest event.</summary>
    public void OnBeat(int slot, long nowMs, Frame frame, RowStore latest, DetectionSink sink)
    {
        var holds = When!.Holds(frame);
        EnsureState(slot);
        ref var state = ref _states[slot];
        if (!_plan.HasState)
        {
            var rose = holds && !(_plan.Rising && state.Held);
            state.Held = holds;
            if (rose)
                Report(frame, latest.ToBatch([frame.Row]), 0, slot, nowMs, AlertStatus.Firing, sink, timer: true);
            return;
        }

        OnClock(nowMs, sink);
        if (Step(ref state, slot, nowMs, holds, frame) is { } status)
            Report(frame, latest.ToBatch([frame.Row]), 0, slot, nowMs, status, sink, timer: true);
        if (state.Phase == Phase.Pending)
            Keep(ref state, latest.AsBatch(), frame.Row, latest.Computed);
    }

    public override long NextDueMs => StreamClock.Saturating(_timers.NextTime, 1);

    public override bool Holds(int slot, long clockMs) =>
        slot < _states.Length
            && (_states[slot].Phase != Phase.Idle || _states[slot].Armed || (_plan.Rising && _states[slot].Held)
                || _plan.EveryMs > 0);

    public override void Release(int slot)
    {
        if (slot >= _states.Length)
            return;
        Drop(ref _states[slot]);
        _states[slot] = default;
    }

    public override void Save(StateWriter writer)
    {
        writer.Section("condition", 1);
        writer.Int(_states.Length);
        for (var slot = 0; slot < _states.Length; slot++)
        {
            ref var state = ref _states[slot];
            writer.Int((int)state.Phase);
            writer.Bool(state.Held);
            writer.Bool(state.Armed);
            writer.Long(state.DueMs);
            writer.Bool(state.Stored > 0);
            if (state.Stored > 0)
                _stored!.Save(writer, state.Stored - 1);
        }

        _timers.Save(writer);
    }

    public override void Load(StateReader reader, IReadOnlyDictionary<int, int> slots)
    {
        reader.Section("condition", 1);
        var count = reader.Count();
        for (var old = 0; old < count; old++)
        {
            var state = new KeyState
            {
                Phase = (Phase)reader.Int(),
                Held = reader.Bool(),
                Armed = reader.Bool(),
                DueMs = reader.Long(),
            };
            if (reader.Bool())
                state.Stored = Store.Load(reader) + 1;
            if (slots.TryGetValue(old, out var slot) && slot >= 0)
            {
                EnsureState(slot);
                _states[slot] = state;
            }
            else
                Drop(ref state);
        }

        _timers.Load(reader, old => slots.GetValueOrDefault(old, KeyTable.Elsewhere));
    }

    public override void Retime(DetectorPlan was, long clockMs)
    {
        if (was is not ConditionPlan before || before.ForMs == _plan.ForMs)
            return;
        while (_timers.Count > 0)
            _timers.Pop();
        for (var slot = 0; slot < _states.Length; slot++)
        {
            ref var state = ref _states[slot];
            state.Armed = false;
            if (state.Phase != Phase.Pending)
                continue;
            state.DueMs = Math.Max(StreamClock.Saturating(state.DueMs, _plan.ForMs - before.ForMs), clockMs);
            Arm(ref state, slot);
        }
    }

    private RowStore Store => _stored ??= new RowStore(_group.Schema, _group.ComputedStorage);

    private void ReportEach(Selection events, EventBatch batch, DetectionSink sink)
    {
        for (var i = 0; i < events.Count; i++)
        {
            var row = events.Rows[i];
            if ((_holds[row >> 6] >> row & 1) == 0)
                continue;
            events.Frame.Row = row;
            Report(events.Frame, batch, row, events.Slots[i], batch.Times[row], AlertStatus.Firing, sink);
        }
    }

    private void Track(Selection events, EventBatch batch, DetectionSink sink)
    {
        for (var i = 0; i < events.Count; i++)
        {
            var row = events.Rows[i];
            var slot = events.Slots[i];
            var time = batch.Times[row];
            var holds = (_holds[row >> 6] >> row & 1) != 0;
            EnsureState(slot);
            if (_timers.NextTime < time)
                OnClock(time, sink);
            ref var state = ref _states[slot];
            if (!_plan.HasState)
            {
                var rose = holds && !state.Held;
                state.Held = holds;
                if (rose)
                    Report(Framed(events, row), batch, row, slot, time, AlertStatus.Firing, sink);
                continue;
            }

            if (state.Phase == Phase.Idle && !holds)
                continue;
            if (Step(ref state, slot, time, holds, Framed(events, row)) is { } status)
                Report(Framed(events, row), batch, row, slot, time, status, sink);
            if (state.Phase == Phase.Pending)
                Keep(ref state, batch, row, events.Computed.Length > 0 ? events.Computed[0] : []);
        }
    }

    private static Frame Framed(Selection events, int row)
    {
        events.Frame.Row = row;
        return events.Frame;
    }

    /// <summary>The next phase of a key; what there is to report at once, if anything.</summary>
    private AlertStatus? Step(ref KeyState state, int slot, long time, bool holds, Frame frame)
    {
        frame.NowMs = time;
        switch (state.Phase)
        {
            case Phase.Firing:
                if (_resolve is null ? holds : !_resolve.Holds(frame))
                    return null;
                state.Phase = Phase.Idle;
                return AlertStatus.Resolved;
            case Phase.Pending when !holds:
                state.Phase = Phase.Idle;
                Drop(ref state);
                return null;
            case Phase.Idle when holds && _plan.ForMs == 0:
                state.Phase = Phase.Firing;
                return AlertStatus.Firing;
            case Phase.Idle when holds:
                state.Phase = Phase.Pending;
                state.DueMs = StreamClock.Saturating(time, _plan.ForMs);
                if (!state.Armed)
                    Arm(ref state, slot);
                return null;
            default:
                return null;
        }
    }

    private void Arm(ref KeyState state, int slot)
    {
        state.Armed = true;
        _timers.Push(state.DueMs, slot);
    }

    private void FireStored(ref KeyState state, int slot, long atMs, DetectionSink sink)
    {
        state.Phase = Phase.Firing;
        var row = state.Stored - 1;
        _storedFrame.Columns = Store.Columns;
        _storedFrame.Computed = Store.Computed;
        _storedFrame.Row = row;
        Report(_storedFrame, Store.ToBatch([row]), 0, slot, atMs, AlertStatus.Firing, sink, timer: true);
        Drop(ref _states[slot]);
    }

    private void Report(
        Frame frame, EventBatch batch, int row, int slot, long atMs, AlertStatus status, DetectionSink sink,
            bool timer = false)
    {
        frame.NowMs = atMs;
        _detected.AtMs = atMs;
        _detected.Status = status;
        _detected.Frame = frame;
        _detected.Keys = _keys;
        _detected.Slot = slot;
        _detected.Order = timer ? long.MaxValue : batch.Positions[row];
        _detected.Evidence.Clear();
        _detected.Evidence.Add((null, batch, row));
        Rule.Detections++;
        sink.Accept(Rule, _detected);
    }

    private void Keep(ref KeyState state, EventBatch batch, int row, ReadOnlySpan<Column> computed)
    {
        if (state.Stored > 0)
            Store.Replace(state.Stored - 1, batch, row, computed);
        else
            state.Stored = Store.Add(batch, row, computed) + 1;
    }

    private void Drop(ref KeyState state)
    {
        if (state.Stored > 0)
            Store.Remove(state.Stored - 1);
        state.Stored = 0;
    }

    private void EnsureState(int slot)
    {
        if (slot >= _states.Length)
            Array.Resize(ref _states, Math.Max(slot + 1, _states.Length * 2));
    }
}
