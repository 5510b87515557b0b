using System.Numerics;
using System.Runtime.InteropServices;
using Cep.Events;
using Cep.Expressions;
using Cep.Expressions.Evaluation;
using Cep.Plans;
using Cep.Time;

namespace Cep.Detection.Patterns;

/// <summary>
/// <c>pattern</c>. Each first event begins an attempt: the ways in which a match can still come of it, in order of
/// preference. An event moves the ways that wait for it; what it completes takes effect in the order of the first
/// events. Attempts that will go on in the same way from now on are united, so that an event looks at each way of going
/// on once, however many matches are open.
/// </summary>
internal sealed partial class PatternDetector : Detector
{
    /// <summary>
    /// The largest number of open matches of one key; what would be more is not followed, and counted.
    /// </summary>
    public const int MaxOpenMatches = 1 << 20;

    /// <summary>The largest number of matches that one event completes for a key; those beyond are counted.</summary>
    public const int MaxMatchesOfEvent = 10_000;

    /// <summary>The bit of an event that may end a loop, beside those of the steps that it may fit.</summary>
    private const uint EndsSome = 1u << 31;

    private readonly PatternPlan _plan;
    private readonly KeyTable _keys;
    private readonly PatternAutomaton _automaton;
    private readonly PatternState[] _states;
    private readonly MatchStore _store;
    private readonly StepContext _context;
    private readonly StepTest[] _steps;
    private readonly StepTest?[] _untils;
    private readonly Slab<Attempt> _attempts = new();
    private readonly Slab<Way> _ways = new();
    private readonly TimeQueue<DueTimer> _timers = new();
    private readonly List<Completion> _done = [];
    private readonly Detected _detected = new();
    private readonly Frame _reportFrame = new();
    private readonly Frame[] _frames;
    private readonly uint[][] _fitsOfRow;
    private readonly uint[] _wantedOfState;
    private readonly bool[] _isPlain;
    private readonly PatternMatches _matches;
    private readonly bool _canMerge;
    private readonly bool _seesAll;
    private readonly bool _remembers;
    private readonly long _withinMs;
    private readonly AlertEvals? _timeoutTexts;
    private int[] _paths = new int[64];
    private int _pathsEnd;
    private KeyState[] _keyStates = new KeyState[16];
    private KeyTimes[] _keyTimes = [];

    /// <summary>
    /// For each attempt the time after which a match must end, because what the pattern's first negation forbids came
    /// before the first event; empty where nothing begins with a negation.
    /// </summary>
    private long[] _notBeforeMs = [];

    /// <summary>
    /// For each way the options that a way preferred to it has: rounds of possessive loops, which bar some of its own.
    /// Empty where there are no such loops.
    /// </summary>
    private ulong[] _watched = [];
    private readonly string[] _names;
    private readonly bool _unites;
    private readonly PatternReferences[] _looksBack;

    /// <summary>The fields of events taken that conditions look at.</summary>
    private readonly int[] _lookedAt;
    private long _clockMs = long.MinValue;
    private EventBatch? _prepared;

    // the event looked at
    private EventBatch _batch = null!;
    private Frame _frame = new();
    private Column[] _computed = [];
    private int _input;
    private int _row;
    private int _kept;
    private int _number;
    private uint _fits;
    private long _timeMs;
    private int _slot;

    /// <summary>All ways that can come of one first event, or of several that go on in the same ways.</summary>
    private struct Attempt
    {
        /// <summary>The number of the first event among the key's; of several one of them.</summary>
        public int Number;

        /// <summary>The preferred way; the others follow it.</summary>
        public int Ways;
        public int Next;
        public bool Dropped;
        public bool HasMatched;
    }

    /// <summary>
    /// The options that a partial match still has. One without options is a complete match that waits for those
    /// preferred to it.
    /// </summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct Way
    {
        public ulong Open;
        public int State;
        public int Last;
        public int Next;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct KeyState
    {
        public int First;
        public int Last;

        /// <summary>The number of the key's events so far, as far as they were looked at.</summary>
        public int Number;

        /// <summary>Its open ways, and the matches united in them.</summary>
        public int Open;

        /// <summary>What events must fit to matter to an open match.</summary>
        public uint Wanted;

        /// <summary>How many events may change matches before it is looked again for some to unite.</summary>
        public int Pause;
    }

    /// <summary>What only patterns that watch the time, or look back, need of a key.</summary>
    private struct KeyTimes
    {
        public bool IsArmed;

        /// <summary>When the key's timer is due, where armed.</summary>
        public long DueMs;
        public long LastMs;
        public NegationHistory? History;
    }

    /// <param name="Attempt">Whose it is; 0: several are united.</param>
    /// <param name="Number">The number of its first event.</param>
    /// <param name="Link">What it holds until it is reported; 0: another of the same attempt does.</param>
    /// <param name="Start">Where its path begins.</param>
    /// <param name="End">Where its path ends.</param>
    private readonly record struct Completion(int Attempt, int Number, int Link, int Start, int End);

    /// <param name="rule">The rule.</param>
    /// <param name="plan">Its pattern.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="schemas">The streams of the rule's inputs.</param>
    /// <param name="computed">The columns computed beside the events, once the rule's expressions are known.</param>
    /// <param name="leaves">Resolves what is neither of the event nor of a step.</param>
    public PatternDetector(
        HostedRule rule, PatternPlan plan, KeyTable keys, StreamSchema[] schemas,
            Func<IReadOnlyList<DataType>> computed, LeafResolver leaves)
        : base(rule)
    {
        (_plan, _keys) = (plan, keys);
        _automaton = new PatternAutomaton(plan);
        _states = _automaton.States;
        _withinMs = plan.WithinMs == 0 ? long.MaxValue : plan.WithinMs;
        _matches = SameAsOne(plan) ? PatternMatches.One : plan.Matches;
        PrepareColumns(rule, plan, leaves);
        _store = new MatchStore(schemas, computed(), [.. plan.Steps.Select(s => s.Input)]);
        _context = new StepContext(_store);
        var compiler = _context.CompilerOver(leaves);
        _steps =
            [.. plan.Steps.Select(s =>
            new StepTest(s.Input, s.Where is { } where ? [where, s.Condition] : [s.Condition], compiler))];
        _untils = [.. plan.Steps.Select(s => s.Until is { } until ? new StepTest(s.Input, [until], compiler) : null)];
        _frames = [.. schemas.Select(_ => new Frame())];
        _fitsOfRow = new uint[schemas.Length][];
        Array.Fill(_fitsOfRow, []);
        _names = [.. plan.Steps.Select(s => s.Name)];
        _seesAll = _automaton.HasStrictness;
        _remembers = _automaton.FirstNegations.Length > 0;
        _wantedOfState = Array.ConvertAll(_states, WantedIn);
        _isPlain = Array.ConvertAll(
            _states, s => s.IsPlain && Array.TrueForAll(s.Options, o => _untils[o.Step] is null));
        if (HasTimers || _remembers)
            _keyTimes = new KeyTimes[_keyStates.Length];
        if (_matches == PatternMatches.One && plan.OnTimeout is null)
            _automaton.FindAlike([.. _steps.Select((s, i) => s.IsAlone && _untils[i] is null)]);
        _automaton.FindMoves();
        _canMerge = _matches == PatternMatches.One && !_automaton.HasTimedLinks
            && _steps.All(s => s.IsAlone) && _untils.All(u => u is null or { IsAlone: true });
        _unites = CanUnite(plan);
        _lookedAt = PatternReferences.FieldsOf(plan);
        _looksBack = _unites ? PatternReferences.Of(plan, _states, _context, leaves) : [];
        var texts = _context.CompilerOver(
            leaves, schemas.Length == 1 ? null : e => e is FieldExpr field ? LastField(field) : leaves(e));
        rule.CompileWith(texts);
        if (plan.OnTimeout is { } timeout)
            _timeoutTexts = new AlertEvals(rule.Plan with { Alert = timeout }, texts);
    }

    /// <summary>The number of partial matches that are open.</summary>
    public int OpenWays => _ways.Count;

    /// <summary>
    /// Where a match takes out all that began before its end (or all of its first event), there is at most one for each
    /// first event in any case.
    /// </summary>
    private static bool SameAsOne(PatternPlan plan) => plan.Matches == PatternMatches.All
        && plan.AfterMatch.Kind is AfterMatchKind.SkipPastLast or AfterMatchKind.SkipToNext;

    public override bool TryNarrow(EventBatch batch, Frame frame, ulong[] rows, ulong[] wanted)
    {
        if (_seesAll)
            return false;
        (_frames[0].Columns, _frames[0].Computed) = (batch.Columns, []);
        Prepare(0, batch, rows);
        var fits = _fitsOfRow[0];
        for (var row = 0; row < batch.Count; row++)
            if (fits[row] != 0)
                wanted[row >> 6] |= 1UL << row;
        _prepared = batch;
        return true;
    }

    public override int OnEvents(Selection events, DetectionSink sink)
    {
        if (events.Late)
            return 0;
        if (events.Inputs is not null || _prepared != events.Batches[0])
            Prepare(events);
        _prepared = null;
        for (var i = 0; i < events.Count; i++)
        {
            LookAhead(events, i);
            var (row, slot) = (events.Rows[i], events.Slots[i]);
            var input = events.Inputs is null ? 0 : events.Inputs[i];
            var fits = _fitsOfRow[input][row];
            if (slot >= _keyStates.Length)
                AddKeys(slot);
            if (!_seesAll && !_remembers && (fits & (_keyStates[slot].Wanted | _wantedOfState[0])) == 0)
                continue;
            var batch = events.Batches[input];
            var time = batch.Times[row];
            if (_timers.NextTime < time)
                FireBefore(time, sink);
            (_batch, _input, _row, _timeMs, _kept, _fits) = (batch, input, row, time, -1, fits);
            _frame = _frames[input];
            _frame.Row = row;
            _frame.NowMs = time;
            _computed = _frame.Computed;
            OnEvent(slot, sink);
        }

        foreach (var frame in _frames)
        {
            Rule.Undefined += frame.Undefined;
            frame.Undefined = 0;
        }

        return 0;
    }

    /// <summary>
    /// Fetches the state of keys to come, one step along key → attempt → way → event at a time: the keys of a batch lie
    /// anywhere in memory, and waiting for each of them in turn would take longer than all the work.
    /// </summary>
    private void LookAhead(Selection events, int i)
    {
        const int Step = 4;
        var last = events.Count;
        if (i + 4 * Step < last && events.Slots[i + 4 * Step] is var far && far < _keyStates.Length)
            Prefetch.Line(ref _keyStates[far]);
        if (i + 3 * Step < last && First(events.Slots[i + 3 * Step]) is > 0 and var attempt)
            Prefetch.Line(ref _attempts[attempt]);
        if (i + 2 * Step < last && First(events.Slots[i + 2 * Step]) is > 0 and var near)
            Prefetch.Line(ref _ways[_attempts[near].Ways]);
        if (i + Step < last && First(events.Slots[i + Step]) is > 0 and var next)
            Prefetch.Line(ref _store[_ways[_attempts[next].Ways].Last]);
        if (_lookedAt.Length > 0 && i + 2 < last && First(events.Slots[i + 2]) is > 0 and var soon)
            _store.Prefetch(_ways[_attempts[soon].Ways].Last, _lookedAt);
    }

    private int First(int slot) => slot < _keyStates.Length ? _keyStates[slot].First : 0;

    private void AddKeys(int slot)
    {
        Array.Resize(ref _keyStates, Math.Max(slot + 1, _keyStates.Length * 2));
        if (HasTimers || _remembers)
            Array.Resize(ref _keyTimes, _keyStates.Length);
    }

    public override void OnClock(long clockMs, DetectionSink sink)
    {
        FireBefore(clockMs, sink);
        if (clockMs == StreamClock.EndOfTime)
            Finish(sink);
        else
            _clockMs = Math.Max(_clockMs, clockMs);
    }

    public override bool Holds(int slot, long clockMs)
    {
        if (slot >= _keyStates.Length)
            return false;
        ref var key = ref _keyStates[slot];
        for (var attempt = key.First; attempt > 0; attempt = _attempts[attempt].Next)
            if (OutlastsWithin || EndOf(attempt) >= clockMs)
                return true;
        return _remembers && _keyTimes[slot].History is { } history && history.Holds(clockMs, key.Number);
    }

    public override void Release(int slot)
    {
        if (slot >= _keyStates.Length)
            return;
        _slot = slot;
        for (var attempt = _keyStates[slot].First; attempt > 0;)
        {
            var next = _attempts[attempt].Next;
            Remove(attempt);
            attempt = next;
        }

        _keyStates[slot] = default;
        if (_keyTimes.Length > 0)
            _keyTimes[slot] = default;
    }

    /// <summary>
    /// Compiles what asks for computed columns, so that it is known which there are before events are stored.
    /// </summary>
    private static void PrepareColumns(HostedRule rule, PatternPlan plan, LeafResolver leaves)
    {
        var exprs = plan.Steps.SelectMany(s => new[] { s.Where, s.Condition, s.Until })
            .Concat(RuleExprs.OfAlert(rule.Plan));
        if (plan.OnTimeout is { } timeout)
            exprs = exprs.Concat(RuleExprs.OfAlert(rule.Plan with { Alert = timeout }));
        foreach (var expr in exprs.OfType<Expr>().SelectMany(ExprWalker.SelfAndParts))
            if (ExprWalker.IsComputed(expr))
                leaves(expr);
    }

    private Eval LastField(FieldExpr field) => EvalCompiler.Column(field.Type, field.Field, computed: false) switch
    {
        Eval<bool> x => new LastFieldEval<bool>(this, field.Input, x),
        Eval<long> x => new LastFieldEval<long>(this, field.Input, x),
        Eval<double> x => new LastFieldEval<double>(this, field.Input, x),
        Eval<string> x => new LastFieldEval<string>(this, field.Input, x),
        var x => new LastFieldEval<object>(this, field.Input, (Eval<object>)x),
    };

    /// <summary>In the texts of a rule of several streams: a field of the match's last event of the stream.</summary>
    private sealed class LastFieldEval<T>(PatternDetector detector, int input, Eval<T> field) : Eval<T>
    {
        private readonly Frame _frame = new();

        public override bool TryGet(Frame frame, out T value)
        {
            var store = detector._store;
            var match = detector._context;
            for (var place = match.Match; place > 0; place = match.Before(place))
            {
                var link = match.LinkAt(place);
                if (detector._plan.Steps[store[link].Step].Input != input)
                    continue;
                _frame.Columns = store.RowsOf(store[link].Step).Columns;
                _frame.Row = store[link].Row;
                return field.TryGet(_frame, out value);
            }

            value = default!;
            return false;
        }
    }

    private void Prepare(Selection events)
    {
        for (var input = 0; input < events.Batches.Length; input++)
        {
            var batch = events.Batches[input];
            if (batch is null)
                continue;
            var selected = events.Inputs is null ? events.Mask : events.Masks[input];
            var frame = _frames[input];
            frame.Columns = batch.Columns;
            frame.Computed = input < events.Computed.Length ? events.Computed[input] : [];
            Prepare(input, batch, selected);
        }
    }

    private void Prepare(int input, EventBatch batch, ulong[] selected)
    {
        ref var fits = ref _fitsOfRow[input];
        if (fits.Length < batch.Count)
            fits = new uint[Math.Max(batch.Count, fits.Length * 2)];
        Array.Clear(fits, 0, batch.Count);
        for (var step = 0; step < _steps.Length; step++)
            Prepare(_steps[step], BitOf(step), input, batch, selected);
        foreach (var test in _untils)
            if (test is not null)
                Prepare(test, EndsSome, input, batch, selected);
    }

    private void Prepare(StepTest test, uint bit, int input, EventBatch batch, ulong[] selected)
    {
        if (test.Input != input)
            return;
        test.Prepare(_frames[input], batch, selected);
        var fits = _fitsOfRow[input];
        for (var word = 0; word < (batch.Count + 63) >> 6; word++)
            for (var rows = test.Mask[word]; rows != 0; rows &= rows - 1)
                fits[(word << 6) + BitOperations.TrailingZeroCount(rows)] |= bit;
    }

    /// <summary>The bit of a step; those of a pattern with very many share the last.</summary>
    private static uint BitOf(int step) => 1u << Math.Min(step, 30);

    /// <summary>The steps that an event must fit to change a match in this state.</summary>
    private uint WantedIn(PatternState state)
    {
        var wanted = 0u;
        foreach (var option in state.Options)
        {
            if (!option.IsAccept)
                wanted |= BitOf(option.Step);
            if (option.InRun && _untils[option.Step] is not null)
                wanted |= EndsSome;
            foreach (var step in option.Negations.SelectMany(n => n.Steps))
                wanted |= BitOf(step);
        }

        return wanted;
    }

    /// <summary>Whether the event fits a step, in the match that the context names.</summary>
    private bool Fits(int step)
    {
        if ((_fits & BitOf(step)) == 0)
            return false;
        var test = _steps[step];
        if (step >= 30 && (test.Input != _input || !test.MayHold(_row)))
            return false;
        if (test.IsAlone)
            return true;
        _context.TriedStep = step;
        return test.Holds(_frame);
    }

    private bool EndsLoop(int step)
    {
        if ((_fits & EndsSome) == 0 || _untils[step] is not { } test || test.Input != _input || !test.MayHold(_row))
            return false;
        _context.TriedStep = -1;
        return test.Holds(_frame);
    }

    private bool FitsAny(int[] steps)
    {
        foreach (var step in steps)
            if (Fits(step))
                return true;
        return false;
    }

    private void Report(
        int slot, in Completion match, long atMs, long order, AlertEvals? texts, DetectionSink sink)
    {
        ref var last = ref _store[_paths[match.Start]];
        var rows = _store.RowsOf(last.Step);
        _reportFrame.Columns = rows.Columns;
        _reportFrame.Computed = rows.Computed;
        _reportFrame.Row = last.Row;
        _reportFrame.NowMs = atMs;
        _context.Follow(_paths, match.Start, match.End);
        _context.TriedStep = -1;
        _detected.Frame = _reportFrame;
        _detected.AtMs = atMs;
        _detected.Keys = _keys;
        _detected.Slot = slot;
        _detected.Order = order;
        _detected.Texts = texts;
        _detected.Evidence.Clear();
        _store.Refer(PathOf(match), _detected.Evidence, _names);
        _detected.IsTransient = true;
        Rule.Detections++;
        sink.Accept(Rule, _detected);
    }
}
