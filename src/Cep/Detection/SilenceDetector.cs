using Cep.Events;
using Cep.Expressions.Evaluation;
using Cep.Plans;
using Cep.State;
using Cep.Time;

namespace Cep.Detection;

/// <summary>
/// <c>silent</c>: fires when no event of the key came for a time after its last one; the next event resolves it.
/// </summary>
internal sealed class SilenceDetector : Detector
{
    private readonly long _silentMs;
    private readonly KeyTable _keys;
    private readonly FilterGroup _group;
    private readonly TimeQueue<DueTimer> _timers = new();
    private readonly Detected _detected = new();
    private readonly Frame _frame = new();
    private RowStore? _latest;
    private KeyState[] _states = new KeyState[16];

    private struct KeyState
    {
        /// <summary>The key's latest event, in the store, plus 1; 0: none yet.</summary>
        public int Stored;

        public bool Silent;
    }

    /// <summary>The bytes of a key's state.</summary>
    public static int KeyBytes => System.Runtime.CompilerServices.Unsafe.SizeOf<KeyState>();

    public SilenceDetector(HostedRule rule, SilencePlan plan, KeyTable keys, FilterGroup group)
        : base(rule)
    {
        (_silentMs, _keys, _group) = (plan.SilentMs, keys, group);
        rule.CompileWith(group.Compiler);
    }

    private RowStore Latest => _latest ??= new RowStore(_group.Schema, _group.ComputedStorage);

    public override int OnEvents(Selection events, DetectionSink sink)
    {
        if (events.Late)
            return 0;
        var batch = events.Batches[0];
        ReadOnlySpan<Column> computed = events.Computed.Length > 0 ? events.Computed[0] : [];
        for (var i = 0; i < events.Count; i++)
        {
            var (row, slot) = (events.Rows[i], events.Slots[i]);
            if (_timers.NextTime < batch.Times[row])
                OnClock(batch.Times[row], sink);
            if (slot >= _states.Length)
                Array.Resize(ref _states, Math.Max(slot + 1, _states.Length * 2));
            ref var state = ref _states[slot];
            if (state.Silent)
            {
                state.Silent = false;
                events.Frame.Row = row;
                Report(events.Frame, batch, row, slot, batch.Times[row], AlertStatus.Resolved, batch.Positions[row],
                    sink);
                Arm(slot, batch.Times[row]);
            }

            if (state.Stored == 0)
            {
                state.Stored = Latest.Add(batch, row, computed) + 1;
                Arm(slot, batch.Times[row]);
            }
            else
                Latest.Replace(state.Stored - 1, batch, row, computed);
        }

        return 0;
    }

    public override void OnClock(long clockMs, DetectionSink sink)
    {
        while (_timers.NextTime < clockMs)
        {
            var timer = _timers.Pop();
            ref var state = ref _states[timer.Item];
            var row = state.Stored - 1;
            var due = StreamClock.Saturating(Latest.Times[row], _silentMs);
            if (due > timer.Time)
            {
                _timers.Push(due, timer.Item);
                continue;
            }

            // where the time was shortened it may have been over before
            due = timer.Time;
            state.Silent = true;
            _frame.Columns = Latest.Columns;
            _frame.Computed = Latest.Computed;
            _frame.Row = row;
            Report(_frame, Latest.ToBatch([row]), 0, timer.Item, due, AlertStatus.Firing, long.MaxValue, sink);
        }
    }

    public override long NextDueMs => StreamClock.Saturating(_timers.NextTime, 1);

    public override bool Holds(int slot, long clockMs) => slot < _states.Length && _states[slot].Stored > 0;

    public override void Release(int slot)
    {
        if (slot < _states.Length)
            _states[slot] = default;
    }

    public override void Save(StateWriter writer)
    {
        writer.Section("silence", 1);
        writer.Int(_states.Count(s => s.Stored > 0));
        for (var slot = 0; slot < _states.Length; slot++)
        {
            if (_states[slot].Stored == 0)
                continue;
            writer.Int(slot);
            writer.Bool(_states[slot].Silent);
            Latest.Save(writer, _states[slot].Stored - 1);
        }

        _timers.Save(writer);
    }

    public override void Load(StateReader reader, IReadOnlyDictionary<int, int> slots)
    {
        reader.Section("silence", 1);
        for (var n = reader.Count(); n > 0; n--)
        {
            var slot = slots.GetValueOrDefault(reader.Int(), KeyTable.Elsewhere);
            var state = new KeyState { Silent = reader.Bool(), Stored = Latest.Load(reader) + 1 };
            if (slot < 0)
            {
                Latest.Remove(state.Stored - 1);
                continue;
            }

            if (slot >= _states.Length)
                Array.Resize(ref _states, Math.Max(slot + 1, _states.Length * 2));
            _states[slot] = state;
        }

        _timers.Load(reader, old => slots.GetValueOrDefault(old, KeyTable.Elsewhere));
    }

    public override void Retime(DetectorPlan was, long clockMs)
    {
        if (was is not SilencePlan before || before.SilentMs == _silentMs)
            return;
        while (_timers.Count > 0)
            _timers.Pop();
        for (var slot = 0; slot < _states.Length; slot++)
            if (_states[slot] is { Stored: > 0, Silent: false } state)
                _timers.Push(
                    Math.Max(StreamClock.Saturating(Latest.Times[state.Stored - 1], _silentMs), clockMs), slot);
    }

    private void Arm(int slot, long timeMs) => _timers.Push(StreamClock.Saturating(timeMs, _silentMs), slot);

    private void Report(
        Frame frame, EventBatch batch, int row, int slot, long atMs, AlertStatus status, long order, DetectionSink sink)
    {
        frame.NowMs = atMs;
        _detected.AtMs = atMs;
        _detected.Status = status;
        _detected.Frame = frame;
        _detected.Keys = _keys;
        _detected.Slot = slot;
        _detected.Order = order;
        _detected.Evidence.Clear();
        _detected.Evidence.Add((null, batch, row));
        Rule.Detections++;
        sink.Accept(Rule, _detected);
    }
}
