using System.Numerics;
using Cep.Detection.Patterns;
using Cep.Events;
using Cep.Expressions.Evaluation;
using Cep.Plans;
using Cep.State;

namespace Cep.Detection.Routing;

/// <summary>
/// A rule that reads several streams: its filter is for its own stream (the first); of the others those events count
/// that
/// pass the filter of a step that reads them.
/// </summary>
internal sealed class MergedGroup
{
    private readonly KeyTable _keys;
    private readonly bool _counts;
    private readonly BatchFilter? _where;
    private readonly (BatchFilter Filter, long UntilMs)[] _excepts;
    private readonly BatchFilter[]?[] _stepFilters;
    private readonly Frame[] _frames;
    private readonly int[][] _slots;
    private readonly ulong[][] _masks;
    private readonly Selection _selection = new();
    private readonly SharedCounts _counted = new();
    private readonly SharedCounts _uncounted = new();
    private readonly Detector _detector;
    private int[] _rows = new int[64];
    private byte[] _inputs = [];

    /// <summary>Keys with state.</summary>
    public int KeyCount => _keys.Count;

    public MergedGroup(HostedRule rule, StreamSchema[] schemas, KeyShare share)
    {
        var plan = rule.Plan;
        _keys = new KeyTable(plan.By, share);
        _counts = share.Partition == 0;
        var compiler = new EvalCompiler();
        _where = plan.Where is { } where ? BatchFilters.Compile(where, compiler) : null;
        _excepts = [.. plan.Except.Select(e => (BatchFilters.Compile(e.Condition, compiler), e.UntilMs))];
        if (plan.Detector is not PatternPlan pattern)
            throw new ArgumentException(
                $"There is no detector of several streams for '{plan.Detector.GetType().Name}'.");
        _stepFilters = [.. schemas.Select((_, input) => StepFilters(pattern, input, compiler))];
        _frames = [.. schemas.Select(_ => new Frame())];
        _slots = [.. schemas.Select(_ => Array.Empty<int>())];
        _masks = [.. schemas.Select(_ => Array.Empty<ulong>())];
        _detector = new PatternDetector(rule, pattern, _keys, schemas, () => [], _ => null);
        rule.Counts = _counted;
    }

    public HostedRule Rule => _detector.Rule;

    /// <summary>As <see cref="Detector.NextDueMs"/>.</summary>
    public long NextDueMs => _detector.NextDueMs;

    public void OnEvents(MergedEvents events, long clockMs, DetectionSink sink)
    {
        for (var input = 0; input < events.Batches.Length; input++)
            Select(input, events.Batches[input], _counts ? _counted : _uncounted);
        _selection.EnsureCapacity(events.Count);
        if (_inputs.Length < events.Count)
            _inputs = new byte[events.Count * 2];
        var n = 0;
        for (var i = 0; i < events.Count; i++)
        {
            var (input, row) = (events.Inputs[i], events.Rows[i]);
            if ((_masks[input][row >> 6] >> row & 1) == 0)
                continue;
            _inputs[n] = input;
            _selection.Rows[n] = row;
            _selection.Slots[n++] = _slots[input][row];
        }

        _selection.Count = n;
        _selection.Inputs = _inputs;
        _selection.Batches = events.Batches;
        _selection.Masks = _masks;
        _selection.ClockMs = clockMs;
        if (n > 0)
            _detector.OnEvents(_selection, sink);
    }

    /// <summary>Counts a row that is late for the rule.</summary>
    public void OnLate(int input, EventBatch batch, int row)
    {
        if (!_counts)
            return;
        var words = (row + 64) >> 6;
        Prepare(input, row + 1);
        Bits.Range(_masks[input], row, row + 1, words);
        Filter(input, batch, row, row + 1, _counted);
        _counted.Late += Bits.Count(_masks[input], words);
    }

    public void OnClock(long clockMs, DetectionSink sink) => _detector.OnClock(clockMs, sink);

    public void Sweep(int howMany, long clockMs) =>
        _keys.Sweep(howMany, slot => _detector.Holds(slot, clockMs), _detector.Release);

    public void Save(StateWriter writer)
    {
        _keys.Save(writer);
        _detector.Save(writer);
    }

    public void Load(StateReader reader) => _detector.Load(reader, _keys.Load(reader));

    /// <summary>The filters of which an event must pass one; null where all pass.</summary>
    private static BatchFilter[]? StepFilters(PatternPlan pattern, int input, EvalCompiler compiler)
    {
        var steps = pattern.Steps.Where(s => s.Input == input).ToList();
        return input == 0 || steps.Exists(s => s.Where is null) ? null
            : [.. steps.Select(s => BatchFilters.Compile(s.Where!, compiler))];
    }

    private void Prepare(int input, int count)
    {
        if (_masks[input].Length < (count + 63) >> 6)
            _masks[input] = new ulong[((count + 63) >> 6) * 2];
        if (_slots[input].Length < count)
            _slots[input] = new int[count * 2];
        if (_rows.Length < count)
            _rows = new int[count * 2];
    }

    private void Select(int input, EventBatch batch, SharedCounts counts)
    {
        Prepare(input, batch.Count);
        var (mask, words) = (_masks[input], (batch.Count + 63) >> 6);
        if (words == 0)
            return;
        Bits.Range(mask, 0, batch.Count, words);
        Filter(input, batch, 0, batch.Count, counts);
        var n = 0;
        for (var word = 0; word < words; word++)
            for (var bits = mask[word]; bits != 0; bits &= bits - 1)
                _rows[n++] = (word << 6) + BitOperations.TrailingZeroCount(bits);
        var slots = new int[n];
        _keys.Slots(input, _rows.AsSpan(0, n), _frames[input], slots);
        for (var i = 0; i < n; i++)
        {
            _slots[input][_rows[i]] = slots[i];
            if (slots[i] < 0)
                mask[_rows[i] >> 6] &= ~(1UL << _rows[i]);
        }
    }

    private void Filter(int input, EventBatch batch, int from, int to, SharedCounts counts)
    {
        var mask = _masks[input];
        _frames[input].Columns = batch.Columns;
        counts.Seen += to - from;
        if (input == 0)
        {
            RowFilters.Apply(_where, _excepts, _frames[0], batch, to, mask, counts, from);
            return;
        }

        if (_stepFilters[input] is not { } filters)
            return;
        var words = (to + 63) >> 6;
        var (any, one) = (new ulong[words], new ulong[words]);
        foreach (var filter in filters)
        {
            Array.Copy(mask, one, words);
            filter.Apply(_frames[input], batch.Times, to, one);
            for (var word = 0; word < words; word++)
                any[word] |= one[word];
        }

        Array.Copy(any, mask, words);
        counts.Filtered += to - from - Bits.Count(mask, words);
    }
}
