using System.Numerics;
using Cep.Events;
using Cep.Expressions;
using Cep.Expressions.Aggregation;
using Cep.Expressions.Evaluation;
using Cep.Plans;
using Cep.State;
using Cep.Time;

namespace Cep.Detection;

/// <summary>
/// The rules of a partition that share streams, key and filter: events are filtered and their keys found once for all
/// of them, and a moving aggregate that several rules ask for is kept once.
/// </summary>
internal sealed class FilterGroup
{
    private readonly KeyTable _keys;
    private readonly BatchFilter? _where;
    private readonly (BatchFilter Filter, long UntilMs)[] _excepts;
    private readonly List<Detector> _detectors = [];
    private readonly Dictionary<Expr, int> _computedIndexes = [];
    private readonly List<ComputedColumn> _computed = [];
    private readonly Selection _selection = new() { Batches = new EventBatch[1] };
    private readonly Frame _frame = new();
    private Column[] _results = [];
    private int _resultRows;
    private ulong[] _passed = [];
    private ulong[] _wanted = [];
    private readonly SharedCounts _uncounted = new();
    private readonly bool _counts;
    private readonly HashSet<int> _brought = [];
    private Beats? _beats;

    /// <param name="keys">Finds the keys; it may serve other groups too.</param>
    /// <param name="rule">The first of the rules, for what they share.</param>
    /// <param name="counts">Whether this partition counts for the ledger what every partition sees.</param>
    /// <param name="schema">The fields of the rules' stream.</param>
    public FilterGroup(KeyTable keys, RulePlan rule, bool counts, StreamSchema schema)
    {
        _keys = keys;
        _counts = counts;
        Schema = schema;
        var compiler = new EvalCompiler();
        _where = rule.Where is { } where ? BatchFilters.Compile(where, compiler) : null;
        _excepts = [.. rule.Except.Select(e => (BatchFilters.Compile(e.Condition, compiler), e.UntilMs))];
        _selection.Frame = _frame;
        Compiler = new EvalCompiler(Resolve);
    }

    /// <summary>
    /// Compiles expressions of the group's rules: moving aggregates and previous values become columns of the group.
    /// </summary>
    public EvalCompiler Compiler { get; }

    /// <summary>Resolves moving aggregates and previous values.</summary>
    public LeafResolver Leaves => Resolve;

    public IReadOnlyList<Detector> Detectors => _detectors;

    public StreamSchema Schema { get; }

    public SharedCounts Counts { get; } = new();

    /// <summary>The columns computed beside the events, as stores must keep them.</summary>
    public IReadOnlyList<DataType> ComputedStorage => [.. _computed.Select(c => c.Storage)];

    public void Add(Detector detector)
    {
        _detectors.Add(detector);
        detector.Rule.Counts = Counts;
        if (detector is ConditionDetector { EveryMs: > 0 } condition)
            (_beats ??= new Beats(this, _keys)).Add(condition);
    }

    /// <summary>
    /// Takes the rows of a batch from..to, in order, that are on time (or, where late, those that are not).
    /// </summary>
    /// <returns>How many late rows some detector took; for rows on time the number is not used.</returns>
    public int OnEvents(EventBatch batch, int from, int to, bool late, long clockMs, DetectionSink sink)
    {
        if (_beats is null || late)
            return OnRun(batch, from, to, late, clockMs, sink);
        while (from < to)
        {
            _beats.Start(batch.Times[from]);
            _beats.Before(batch.Times[from], sink);
            var end = from;
            while (end < to && batch.Times[end] <= _beats.NextMs)
                end++;
            OnRun(batch, from, end, late: false, clockMs, sink);
            _beats.Remember(_selection, batch);
            from = end;
        }

        return 0;
    }

    private int OnRun(EventBatch batch, int from, int to, bool late, long clockMs, DetectionSink sink)
    {
        var undefined = _frame.Undefined;
        Select(batch, from, to, mayNarrow: !late && _computed.Count == 0 && _beats is null);
        (_counts ? Counts : _uncounted).Undefined += _frame.Undefined - undefined;
        _selection.Late = late;
        _selection.ClockMs = clockMs;
        undefined = _frame.Undefined;
        if (!late)
            Compute(batch);
        Counts.Undefined += _frame.Undefined - undefined;
        var taken = 0;
        undefined = _frame.Undefined;
        foreach (var detector in _detectors)
        {
            var took = _selection.Count == 0 ? 0 : detector.OnEvents(_selection, sink);
            detector.Rule.Undefined += _frame.Undefined - undefined;
            undefined = _frame.Undefined;
            taken = Math.Max(taken, took);
            if (late)
                detector.Rule.Late += _selection.Count - took;
        }

        return taken;
    }

    public void OnClock(long clockMs, long latestMs, DetectionSink sink)
    {
        if (clockMs == StreamClock.EndOfTime)
            _beats?.Finish(latestMs, sink);
        else
            _beats?.Before(clockMs, sink);
        foreach (var detector in _detectors)
            detector.OnClock(clockMs, sink);
    }

    /// <summary>As <see cref="Detector.NextDueMs"/>, of all detectors.</summary>
    public long NextDueMs
    {
        get
        {
            var next = _beats is null ? StreamClock.EndOfTime : StreamClock.Saturating(_beats.NextMs, 1);
            foreach (var detector in _detectors)
                next = Math.Min(next, detector.NextDueMs);
            return next;
        }
    }

    public bool Holds(int slot, long clockMs)
    {
        foreach (var computed in _computed)
            if (computed.Holds(slot, clockMs))
                return true;
        foreach (var detector in _detectors)
            if (detector.Holds(slot, clockMs))
                return true;
        return false;
    }

    public void Release(int slot)
    {
        _beats?.Release(slot);
        foreach (var computed in _computed)
            computed.Release(slot);
        foreach (var detector in _detectors)
            detector.Release(slot);
    }

    /// <summary>Sets the computed columns of a row as of a time between events.</summary>
    public void Peek(int slot, long nowMs, Column[] results, int row)
    {
        for (var i = 0; i < _computed.Count; i++)
        {
            results[i].ClearRow(row);
            _computed[i].Peek(slot, nowMs, results[i], row);
        }
    }

    public void Save(StateWriter writer)
    {
        writer.Section("filter-group", 1);
        for (var slot = 0; slot < _keys.Limit; slot++)
        {
            if (!_keys.IsLive(slot))
                continue;
            foreach (var computed in _computed)
                computed.Save(writer, slot);
        }

        _beats?.Save(writer);
        foreach (var detector in _detectors)
            detector.Save(writer);
    }

    /// <param name="reader">The state.</param>
    /// <param name="oldSlots">The slots as they were saved, in order.</param>
    /// <param name="slots">The new slot of each, or -1.</param>
    public void Load(StateReader reader, IEnumerable<int> oldSlots, IReadOnlyDictionary<int, int> slots)
    {
        reader.Section("filter-group", 1);
        foreach (var old in oldSlots)
        {
            foreach (var computed in _computed)
            {
                var slot = slots[old] < 0 ? _keys.Limit : slots[old];
                computed.Load(reader, slot);
                if (slots[old] < 0)
                    computed.Release(slot);
            }
        }

        _beats?.Load(reader, slots);
        foreach (var detector in _detectors)
            detector.Load(reader, slots);
    }

    /// <summary>
    /// Takes over what a group of another engine keeps for a rule: columns that nobody has brought yet, and the
    /// detector.
    /// </summary>
    /// <param name="from">The group there.</param>
    /// <param name="was">The rule's detector there.</param>
    /// <param name="now">Its detector here.</param>
    /// <param name="slots">For each slot there the one here.</param>
    public void TakeOver(FilterGroup from, Detector was, Detector now, IReadOnlyDictionary<int, int> slots)
    {
        var places = new int[from._computed.Count];
        Array.Fill(places, -1);
        foreach (var (expr, old) in from._computedIndexes)
        {
            if (!_computedIndexes.TryGetValue(expr, out var index))
                continue;
            places[old] = index;
            if (!_brought.Add(index))
                continue;
            foreach (var (there, here) in slots)
                _computed[index].Load(StateCopy.Of(w => from._computed[old].Save(w, there)), here);
        }

        now.Load(StateCopy.Of(was.Save, places), slots);
        if (from._beats is { } beats && was is ConditionDetector { EveryMs: > 0 } beat)
            _beats?.TakeOver(beats, beat, (ConditionDetector)now, slots, places);
    }

    /// <summary>All that there was to take over has been.</summary>
    public void Join() => _beats?.Join();

    private Eval? Resolve(Expr expr)
    {
        if (!ExprWalker.IsComputed(expr))
            return null;
        if (expr is AggregateExpr { Kind: AggregateKind.ZScore } score)
            return Compiler.Compile(ZScore(score));
        if (!_computedIndexes.TryGetValue(expr, out var index))
        {
            // the operand may need columns of its own: they come first
            var computed = Create(expr);
            index = _computed.Count;
            _computed.Add(computed);
            _computedIndexes.Add(expr, index);
        }

        var column = EvalCompiler.Column(_computed[index].Storage, index, computed: true);
        return (expr.Type, column) switch
        {
            (DataType.String, Eval<object> any) => new FromAnyEval<string>(any),
            (DataType.Bool, Eval<object> any) => new FromAnyEval<bool>(any),
            _ => column,
        };
    }

    private ComputedColumn Create(Expr expr) => expr switch
    {
        PrevExpr e => new PreviousValue(Compiler.Compile(e.Operand), e.Back, changed: false, e.Type),
        ChangedExpr e => new PreviousValue(Compiler.Compile(e.Operand), 1, changed: true, e.Operand.Type),
        _ => Aggregates.Moving((AggregateExpr)expr, Compiler),
    };

    private static Expr ZScore(AggregateExpr score)
    {
        var x = score.Argument!.Type == DataType.Number ? score.Argument
            : new ConvertExpr(score.Argument, DataType.Number);
        var mean = new AggregateExpr(AggregateKind.Avg, x, 0, score.Range, DataType.Number);
        var deviation = new AggregateExpr(AggregateKind.StdDev, x, 0, score.Range, DataType.Number);
        var distance = new BinaryExpr(BinaryOp.Subtract, x, mean, DataType.Number);
        return new BinaryExpr(BinaryOp.Divide, distance, deviation, DataType.Number);
    }

    private void Select(EventBatch batch, int from, int to, bool mayNarrow)
    {
        // detectors look at whole batches, of which this may be a part
        var (words, all) = ((to + 63) >> 6, (batch.Count + 63) >> 6);
        if (_passed.Length < all)
            _passed = new ulong[all * 2];

        Bits.Range(_passed, from, to, words);
        Array.Clear(_passed, words, all - words);
        _frame.Columns = batch.Columns;
        if (_counts)
            Counts.Seen += to - from;
        if (_where is not null || _excepts.Length > 0)
            RowFilters.Apply(_where, _excepts, _frame, batch, to, _passed, _counts ? Counts : _uncounted, from);
        if (mayNarrow)
            Narrow(batch, all);
        Fill(to, words);
        _selection.Batches[0] = batch;
        _selection.Mask = _passed;
        Owned(batch, to);
    }

    /// <summary>Leaves out the rows that matter to no detector.</summary>
    private void Narrow(EventBatch batch, int words)
    {
        if (_wanted.Length < words)
            _wanted = new ulong[words * 2];
        Array.Clear(_wanted, 0, words);
        foreach (var detector in _detectors)
            if (!detector.TryNarrow(batch, _frame, _passed, _wanted))
                return;
        Array.Copy(_wanted, _passed, words);
    }

    private void Fill(int to, int words)
    {
        _selection.EnsureCapacity(to);
        var rows = _selection.Rows;
        var n = 0;
        for (var word = 0; word < words; word++)
            for (var bits = _passed[word]; bits != 0; bits &= bits - 1)
                rows[n++] = (word << 6) + BitOperations.TrailingZeroCount(bits);
        _selection.Count = n;
    }

    /// <summary>Finds the keys and leaves out the events whose key belongs to another partition.</summary>
    private void Owned(EventBatch batch, int to)
    {
        _keys.Slots(0, _selection.Rows.AsSpan(0, _selection.Count), _frame, _selection.Slots);
        var (rows, slots) = (_selection.Rows, _selection.Slots);
        var n = 0;
        for (var i = 0; i < _selection.Count; i++)
        {
            if (slots[i] < 0)
            {
                _passed[rows[i] >> 6] &= ~(1UL << rows[i]);
                continue;
            }

            rows[n] = rows[i];
            slots[n++] = slots[i];
        }

        _selection.Count = n;
    }

    private void Compute(EventBatch batch)
    {
        if (_computed.Count == 0)
            return;
        if (_resultRows < batch.Count || _results.Length != _computed.Count)
        {
            _resultRows = Math.Max(batch.Count, 64);
            _results = [.. _computed.Select(c => new Column(c.Storage, _resultRows))];
            _selection.Computed = [_results];
        }

        _frame.Computed = _results;
        var rows = _selection.Rows.AsSpan(0, _selection.Count);
        var slots = _selection.Slots.AsSpan(0, _selection.Count);
        for (var i = 0; i < _computed.Count; i++)
        {
            _results[i].Clear(batch.Count);
            _computed[i].Process(rows, slots, batch.Times, _frame, _results[i]);
        }
    }
}
