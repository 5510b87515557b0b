using Cep.Expressions.Evaluation;
using Cep.Plans;
using Cep.State;

namespace Cep.Detection.Windows;

/// <summary>Windows of so many events of the key, in time order; one that is not full is not reported.</summary>
internal sealed class CountWindowDetector : Detector
{
    private readonly WindowPlan _plan;
    private readonly int _size;
    private readonly KeyTable _keys;
    private readonly WindowValues _values;
    private Window[] _windows = new Window[16];

    private struct Window
    {
        /// <summary>The group of its values, plus 1; 0: no window is open.</summary>
        public int Group;
        public int Count;
        public long StartMs;
    }

    /// <summary>The bytes of a window without its values.</summary>
    public static int WindowBytes => System.Runtime.CompilerServices.Unsafe.SizeOf<Window>();

    public CountWindowDetector(HostedRule rule, WindowPlan plan, KeyTable keys, EvalCompiler events)
        : base(rule)
    {
        (_plan, _size, _keys) = (plan, ((CountWindow)plan.Kind).Size, keys);
        _values = new WindowValues(rule, plan, events);
    }

    public override int OnEvents(Selection events, DetectionSink sink)
    {
        if (events.Late)
            return 0;
        var frame = events.Frame;
        for (var i = 0; i < events.Count; i++)
        {
            var slot = events.Slots[i];
            frame.Row = events.Rows[i];
            frame.NowMs = events.Batches[0].Times[frame.Row];
            ref var window = ref WindowOf(slot);
            if (window.Group == 0)
                window = new Window { Group = _values.Allocate() + 1, StartMs = frame.NowMs };
            _values.Add(window.Group - 1, frame);
            var full = ++window.Count == _size;
            if (full || _plan.Report == WindowReport.Update)
                _values.Report(window.Group - 1, slot, _keys, new(window.StartMs, frame.NowMs), frame.NowMs, 0, sink,
                    events.Batches[0].Positions[frame.Row]);
            if (!full)
                continue;
            _values.Free(window.Group - 1);
            window = default;
        }

        return events.Count;
    }

    public override void OnClock(long clockMs, DetectionSink sink)
    {
        // time does not end a count window
    }

    public override long NextDueMs => long.MaxValue;

    public override bool Holds(int slot, long clockMs) => slot < _windows.Length && _windows[slot].Group > 0;

    public override void Release(int slot)
    {
        // no window is open for the key: there is nothing to let go of
    }

    public override void Save(StateWriter writer)
    {
        writer.Section("count-window", 1);
        writer.Int(_windows.Count(w => w.Group > 0));
        for (var slot = 0; slot < _windows.Length; slot++)
        {
            ref var window = ref _windows[slot];
            if (window.Group == 0)
                continue;
            writer.Int(slot);
            writer.Int(window.Count);
            writer.Long(window.StartMs);
            _values.Save(writer, window.Group - 1);
        }
    }

    public override void Load(StateReader reader, IReadOnlyDictionary<int, int> slots)
    {
        reader.Section("count-window", 1);
        for (var n = reader.Count(); n > 0; n--)
        {
            var slot = slots.GetValueOrDefault(reader.Int(), KeyTable.Elsewhere);
            var window = new Window { Count = reader.Int(), StartMs = reader.Long(), Group = _values.Allocate() + 1 };
            _values.Load(reader, window.Group - 1);
            if (slot < 0)
                _values.Free(window.Group - 1);
            else
                WindowOf(slot) = window;
        }
    }

    private ref Window WindowOf(int slot)
    {
        if (slot >= _windows.Length)
            Array.Resize(ref _windows, Math.Max(slot + 1, _windows.Length * 2));
        return ref _windows[slot];
    }
}
