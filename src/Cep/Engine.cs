using System.Buffers;
using System.Reactive.Subjects;
using Cep.Alerts;
using Cep.Detection;
using Cep.Detection.Routing;
using Cep.Events;
using Cep.Plans;
using Cep.State;
using Cep.Time;

namespace Cep;

/// <param name="Workers">How many partitions of keys run side by side; the alerts do not depend on it.</param>
public sealed record EngineOptions(int Workers = 1)
{
    /// <summary>With fewer keys than this (for each partition and kind of key) nothing is let go of.</summary>
    internal int SweepFromKeys { get; init; } = 1 << 16;
}

/// <summary>
/// Runs compiled rules over batches of events. Pure: it knows no clock but the watermarks of its streams, does no I/O,
/// and gives the same alerts for the same input. Not thread-safe: one caller at a time.
/// </summary>
public sealed partial class Engine : IDisposable
{
    private readonly Subject<IReadOnlyList<Alert>> _alerts = new();
    private readonly Subject<AheadEvent> _ahead = new();
    private readonly Dictionary<string, StreamFront> _streams = new(StringComparer.Ordinal);
    private readonly List<StreamFront> _byStage;
    private readonly List<(RulePlan Plan, int Lane)> _rules = [];
    private readonly List<DerivedStream> _derived = [];
    private readonly List<MergedSequencer> _merged = [];
    private readonly Partition[] _partitions;
    private readonly AlertBuilder?[] _builders;
    private readonly Workers _workers;
    private readonly AlertStage _stage;
    private readonly List<AlertDraft> _drafts = [];
    private readonly List<AlertDraft> _emitted = [];
    private readonly List<Step> _steps = [];
    private readonly Dictionary<string, RuleLedger> _restored = [];
    private int _rows;
    private int _turn;

    public Engine(EnginePlan plan, EngineOptions? options = null)
        : this(plan, options ?? new EngineOptions(), null)
    {
    }

    /// <summary>
    /// An engine whose detections go to other sinks than alerts, one for each partition: for measuring.
    /// </summary>
    internal Engine(EnginePlan plan, EngineOptions options, Func<int, DetectionSink>? sinks)
    {
        Plan = plan;
        Options = options;
        _byStage = CreateStreams(plan);
        var lanes = CreateLanes(plan);
        _builders = new AlertBuilder?[options.Workers];
        _partitions = new Partition[options.Workers];
        for (var i = 0; i < options.Workers; i++)
        {
            var sink = sinks?.Invoke(i) ?? (_builders[i] = new AlertBuilder());
            _partitions[i] = new Partition(lanes, _rules, new(i, options.Workers, options.SweepFromKeys), sink);
        }

        _stage = new AlertStage(_rules.Count);
        _workers = new Workers(_partitions);
    }

    public EnginePlan Plan { get; }

    public EngineOptions Options { get; }

    /// <summary>
    /// Alerts in batches. Across batches they come in the order in which they become known; sorted by
    /// (at, rule, key, id) within what one push or advance released.
    /// </summary>
    public IObservable<IReadOnlyList<Alert>> Alerts => _alerts;

    /// <summary>Events put aside because their time lies too far ahead of their arrival (<c>max_ahead</c>).</summary>
    public IObservable<AheadEvent> Ahead => _ahead;

    /// <summary>
    /// No alert to come has an earlier time than this (ms): those before it can be sorted and let go.
    /// </summary>
    public long AlertFloorMs => _rules.Count == 0 ? StreamClock.EndOfTime : _rules.Min(r => FloorOf(r.Plan));

    /// <summary>What became of every event so far.</summary>
    public Ledger Ledger =>
        new([.. _byStage.Select(s => s.Ledger)], [.. _rules.Select((r, i) => LedgerOf(r.Plan.Id, i))]);

    /// <summary>For each field of a stream whether rules or the evidence of their alerts need it.</summary>
    /// <exception cref="ArgumentException">The plan has no such stream.</exception>
    public bool[] FieldsRead(string stream) => PlanFields.Read(Plan, Front(stream).Plan);

    /// <summary>Takes events of the stream that the batch's schema names.</summary>
    /// <exception cref="ArgumentException">The plan has no such stream.</exception>
    public void Push(EventBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Take(Front(batch.Schema.Name), batch);
        Settle();
    }

    /// <summary>Promises that no event of the stream with a time below the watermark (ms) is to come.</summary>
    /// <exception cref="ArgumentException">The plan has no such stream.</exception>
    public void Advance(string stream, long watermarkMs)
    {
        var front = Front(stream);
        front.Clock.Advance(watermarkMs);
        Release(front);
        Settle();
    }

    /// <summary>
    /// The watermark of a stream (ms): nothing earlier is expected; the smallest number before its first event.
    /// </summary>
    /// <exception cref="ArgumentException">The plan has no such stream.</exception>
    public long WatermarkMs(string stream) => Front(stream).Clock.WatermarkMs;

    /// <summary>Leaves a silent stream out of the clocks of the rules that read it, or takes it in again.</summary>
    /// <exception cref="ArgumentException">The plan has no such stream.</exception>
    public void SetIdle(string stream, bool idle)
    {
        var front = Front(stream);
        front.Clock.Idle = idle;
        Release(front);
        Settle();
    }

    /// <summary>The end of the input: every watermark goes to the end of time.</summary>
    public void Complete()
    {
        foreach (var front in _byStage)
        {
            front.Clock.Advance(StreamClock.EndOfTime);
            Release(front);
            Settle();
        }
    }

    /// <summary>
    /// Writes the whole state, so that an engine of the same plan that loads it goes on as this one would.
    /// </summary>
    public void Save(IBufferWriter<byte> writer)
    {
        var state = new StateWriter(writer, buffered: true);
        state.Section("cep-engine", 1);
        foreach (var front in _byStage)
            front.Save(state);
        foreach (var sequencer in _merged)
            sequencer.Save(state);
        foreach (var derived in _derived)
            state.Long(derived.NextPosition);
        _stage.Save(state);
        var rules = Ledger.Rules;
        foreach (var rule in rules)
            SaveLedger(state, rule);
        state.Int(_partitions.Length);
        foreach (var partition in _partitions)
            partition.Save(state);
        state.Flush();
    }

    /// <summary>Reads a state that an engine of the same plan saved, with any number of workers.</summary>
    /// <exception cref="InvalidDataException">The bytes are no state of this plan.</exception>
    public void Load(ReadOnlySpan<byte> state)
    {
        var bytes = state.ToArray();
        var shared = new StateReader(bytes);
        LoadShared(shared);
        foreach (var partition in _partitions)
        {
            // each reads all of them and takes what is its own
            var reader = shared.Fork();
            for (var n = reader.Count(); n > 0; n--)
                partition.Load(reader);
            if (!reader.AtEnd)
                throw new InvalidDataException("The state holds more than this plan has.");
        }
    }

    /// <summary>The smallest watermark (ms) of the stream at which its rules have something to do.</summary>
    internal long NextDueMs(string stream)
    {
        var front = Front(stream);
        var next = StreamClock.EndOfTime;
        foreach (var partition in _partitions)
        {
            if (front.ArrivalLane >= 0)
                next = Math.Min(next, partition.NextDueMs(front.ArrivalLane));
            if (front.OrderedLane >= 0)
                next = Math.Min(next, partition.NextDueMs(front.OrderedLane));
        }

        return next;
    }

    /// <summary>Keys with state; one that rules know by other parts or of other streams counts for each.</summary>
    internal long KeyCount => _partitions.Sum(p => p.KeyCount);

    /// <summary>How many events of the stream came too late for all of its rules.</summary>
    internal long LateCount(string stream) => Front(stream).Late;

    public void Dispose()
    {
        _workers.Dispose();
        _ahead.Dispose();
        _alerts.Dispose();
    }

    private List<StreamFront> CreateStreams(EnginePlan plan)
    {
        var stages = PlanStages.Of(plan);
        foreach (var stream in plan.Streams)
        {
            _streams.Add(stream.Schema.Name, new StreamFront(stream, stages[stream.Schema.Name]));
            if (stream.Derived)
                _derived.Add(new DerivedStream(stream));
        }

        foreach (var front in _streams.Values.Where(f => f.Plan.LateTo is not null))
            front.LateTo = new EventBatchBuilder(Front(front.Plan.LateTo!).Plan.Schema);
        foreach (var rule in plan.Rules.Where(r => r.Emit is not null && r.Mode != RuleMode.Off))
            Front(rule.Emit!).Makers.Add(rule);
        return [.. _streams.Values.OrderBy(f => f.Stage)];
    }

    private List<StreamSchema[]> CreateLanes(EnginePlan plan)
    {
        var lanes = new List<StreamSchema[]>();
        foreach (var rule in plan.Rules.Where(r => r.Mode != RuleMode.Off))
        {
            if (rule.Inputs.Count > 1)
            {
                _rules.Add((rule, MergedLane(rule, lanes)));
                continue;
            }

            var front = Front(rule.Inputs[0]);
            var onArrival = Placement.ActsOnArrival(rule);
            var lane = onArrival ? front.ArrivalLane : front.OrderedLane;
            if (lane < 0)
            {
                lane = lanes.Count;
                lanes.Add([front.Plan.Schema]);
                if (onArrival)
                    front.ArrivalLane = lane;
                else
                    front.OrderedLane = lane;
            }

            _rules.Add((rule, lane));
        }

        return lanes;
    }

    private int MergedLane(RulePlan rule, List<StreamSchema[]> lanes)
    {
        StreamSchema[] schemas = [.. rule.Inputs.Select(i => Front(i).Plan.Schema)];
        if (_merged.Find(m => m.Schemas.SequenceEqual(schemas)) is { } known)
            return known.Lane;
        var sequencer = new MergedSequencer(schemas, lanes.Count);
        _merged.Add(sequencer);
        for (var input = 0; input < schemas.Length; input++)
            Front(schemas[input].Name).Merged.Add((sequencer, input));
        lanes.Add(schemas);
        return sequencer.Lane;
    }

    private StreamFront Front(string stream) => _streams.TryGetValue(stream, out var front)
        ? front
        : throw new ArgumentException($"The plan has no stream '{stream}'.", nameof(stream));

    private void Take(StreamFront front, EventBatch batch)
    {
        front.Count(batch);
        if (front.IsInOrder(batch))
        {
            TakeRun(front, batch, 0, batch.Count, front.Clock.WatermarkMs);
            return;
        }

        var from = 0;
        var clock = front.Clock.WatermarkMs;
        for (var row = 0; row < batch.Count; row++)
        {
            var late = batch.Times[row] < front.Clock.WatermarkMs;
            if (!late && !front.IsAhead(batch, row))
            {
                front.Clock.Observe(batch.Times[row]);
                continue;
            }

            TakeRun(front, batch, from, row, clock);
            from = row + 1;
            if (late)
                TakeLate(front, batch, row);
            else
                PutAside(front, batch, row);
            clock = front.Clock.WatermarkMs;
        }

        TakeRun(front, batch, from, batch.Count, clock);
    }

    private void PutAside(StreamFront front, EventBatch batch, int row)
    {
        front.Ahead++;
        _ahead.OnNext(new AheadEvent(batch, row, front.Plan.MaxAheadMs));
    }

    /// <summary>Takes rows that are on time; the clock is the watermark before them.</summary>
    private void TakeRun(StreamFront front, EventBatch batch, int from, int to, long clock)
    {
        if (from == to)
            return;
        front.Processed += to - from;
        if (front.ArrivalLane >= 0)
            Do(StepKind.Events, front.ArrivalLane, batch, from, to, clock);
        if (front.OrderedLane >= 0)
        {
            if (front.Sequencer.Ordered)
                Do(StepKind.Events, front.OrderedLane, batch, from, to, clock);
            else
                front.Sequencer.Push(batch, from, to);
        }

        foreach (var (sequencer, input) in front.Merged)
            Merge(sequencer, input, batch, from, to);
        front.Clock.Observe(LatestOf(batch, from, to));
        Release(front);
    }

    private void Merge(MergedSequencer sequencer, int input, EventBatch batch, int from, int to)
    {
        for (var row = from; row < to; row++)
        {
            // while a stream was idle its rules went on without it
            if (batch.Times[row] < sequencer.ReleasedMs)
                Do(StepKind.Late, sequencer.Lane, batch, row, row + 1, sequencer.ReleasedMs);
            else
                sequencer.Push(input, batch, row);
        }
    }

    private static long LatestOf(EventBatch batch, int from, int to)
    {
        var latest = batch.Times[to - 1];
        for (var row = from; row < to; row++)
            latest = Math.Max(latest, batch.Times[row]);
        return latest;
    }

    private void TakeLate(StreamFront front, EventBatch batch, int row)
    {
        var clock = front.Clock.WatermarkMs;
        Run();
        _turn++;
        if (front.ArrivalLane >= 0)
            Do(StepKind.Late, front.ArrivalLane, batch, row, row + 1, clock);
        if (front.OrderedLane >= 0)
            Do(StepKind.Late, front.OrderedLane, batch, row, row + 1, clock);
        foreach (var (sequencer, _) in front.Merged)
            Do(StepKind.Late, sequencer.Lane, batch, row, row + 1, sequencer.ReleasedMs);
        Run();
        _turn++;
        if (Array.Exists(_partitions, p => p.TookLate))
            front.Processed++;
        else
        {
            front.Late++;
            Redirect(front, batch, row);
        }

        foreach (var partition in _partitions)
            partition.ForgetLate();
        Release(front);
    }

    private static void Redirect(StreamFront front, EventBatch batch, int row)
    {
        if (front.LateTo is not { } target)
            return;
        for (var i = 0; i < target.Columns.Length; i++)
        {
            var from = batch.Schema.IndexOf(target.Schema.Fields[i].Name);
            if (from >= 0 && batch.Columns[from] is { } column)
                target.Columns[i].SetValue(target.Count, column.ValueAt(row));
            else
                target.Columns[i].SetNull(target.Count);
        }

        target.Commit(batch.Times[row]);
    }

    /// <summary>Lets what the stream's watermark has reached go on, and tells its rules.</summary>
    private void Release(StreamFront front)
    {
        var clock = front.Clock.WatermarkMs;
        if (front.OrderedLane >= 0)
        {
            // of derived events others may come with the time of the watermark itself: they are released together
            if (front.Sequencer.Release(StreamClock.Saturating(clock, front.Plan.Derived ? -1 : 0)) is { } batch)
                Do(StepKind.Events, front.OrderedLane, batch, 0, batch.Count, clock);
            Do(StepKind.Clock, front.OrderedLane, null, 0, _rows, clock, front.Clock.LatestMs);
        }

        if (front.ArrivalLane >= 0)
            Do(StepKind.Clock, front.ArrivalLane, null, 0, _rows, clock, front.Clock.LatestMs);
        foreach (var (sequencer, _) in front.Merged)
            Release(sequencer);
    }

    private void Release(MergedSequencer sequencer)
    {
        var clock = ClockOf(sequencer.Schemas.Select(s => Front(s.Name).Clock));
        if (clock <= sequencer.ReleasedMs)
            return;
        if (sequencer.Release(clock) is { } events)
        {
            _steps.Add(new Step(StepKind.Merged, sequencer.Lane, null, 0, events.Count, clock, clock, events));
            _rows += events.Count;
        }

        Do(StepKind.Clock, sequencer.Lane, null, 0, _rows, clock);
    }

    private void Do(
        StepKind kind, int lane, EventBatch? batch, int from, int to, long clockMs,
            long latestMs = StreamClock.Beginning)
    {
        _steps.Add(new Step(kind, lane, batch, from, to, clockMs, latestMs));
        if (kind == StepKind.Events)
            _rows += to - from;
    }

    private void Run()
    {
        if (_steps.Count > 0)
            _workers.Run(_steps, _rows);
        _steps.Clear();
        _rows = 0;
        foreach (var builder in _builders)
        {
            if (builder is not { Drafts.Count: > 0 })
                continue;
            foreach (var draft in builder.Drafts)
                draft.Turn = _turn;
            _drafts.AddRange(builder.Drafts);
            builder.Drafts.Clear();
        }
    }

    /// <summary>Runs what is to be done, feeds derived streams stage by stage, and sends the alerts.</summary>
    private void Settle()
    {
        Run();
        foreach (var front in _byStage)
        {
            if (front.LateTo is { Count: > 0 } late)
                Take(Front(front.Plan.LateTo!), late.Build());
            Run();
            if (front.Makers.Count > 0)
                Derive(front);
        }

        if (_drafts.Count == 0)
        {
            _turn = 0;
            return;
        }

        var alerts = _stage.Pass(_drafts, AlertFloorMs);
        _drafts.Clear();
        _turn = 0;
        if (alerts.Count > 0)
            _alerts.OnNext(alerts);
    }

    private void Derive(StreamFront front)
    {
        var derived = _derived.Find(d => d.Plan == front.Plan)!;
        _emitted.Clear();
        _emitted.AddRange(_drafts.Where(d => d.Rule.Plan.Emit == front.Plan.Schema.Name && !d.Emitted));
        foreach (var draft in _emitted)
            draft.Emitted = true;
        _emitted.Sort(AlertDraft.ByOccurrence);
        if (derived.ToBatch(_emitted) is { } batch)
            Take(front, batch);
        front.Clock.Advance(front.Makers.Min(FloorOf));
        Release(front);
        Run();
    }

    /// <summary>The rule's clock: the smallest watermark of the streams it reads, idle ones left out.</summary>
    private long ClockOf(RulePlan rule) => ClockOf(rule.Inputs.Select(i => Front(i).Clock));

    private static long ClockOf(IEnumerable<StreamClock> streams)
    {
        var clocks = streams.ToList();
        var awake = clocks.Where(c => !c.Idle).Select(c => c.WatermarkMs);
        return awake.DefaultIfEmpty(clocks.Min(c => c.WatermarkMs)).Min();
    }

    private long FloorOf(RulePlan rule)
    {
        var clock = ClockOf(rule);
        return clock == StreamClock.EndOfTime ? clock : StreamClock.Saturating(clock, -Placement.ReportsBehindMs(rule));
    }

    private RuleLedger LedgerOf(string id, int index)
    {
        var ledger = _restored.GetValueOrDefault(id) ?? new RuleLedger(id, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        foreach (var partition in _partitions)
        {
            var rule = partition.Rules[index];
            var counts = rule.Counts;
            var late = rule.Late + counts.Late;
            ledger = ledger with
            {
                Seen = ledger.Seen + counts.Seen,
                Filtered = ledger.Filtered + counts.Filtered,
                Excepted = ledger.Excepted + counts.Excepted,
                Late = ledger.Late + late,
                Evaluated = ledger.Evaluated + counts.Seen - counts.Filtered - counts.Excepted - late,
                Undefined = ledger.Undefined + rule.Undefined + counts.Undefined,
                Limited = ledger.Limited + rule.Limited,
                Detections = ledger.Detections + rule.Detections,
            };
        }

        return ledger with { Alerts = _stage.Sent[index] };
    }

    private static void SaveLedger(StateWriter writer, RuleLedger ledger)
    {
        writer.Text(ledger.Rule);
        writer.Long(ledger.Seen);
        writer.Long(ledger.Filtered);
        writer.Long(ledger.Excepted);
        writer.Long(ledger.Late);
        writer.Long(ledger.Evaluated);
        writer.Long(ledger.Undefined);
        writer.Long(ledger.Detections);
        writer.Long(ledger.Limited);
    }

    private void LoadShared(StateReader reader)
    {
        reader.Section("cep-engine", 1);
        foreach (var front in _byStage)
            front.Load(reader);
        foreach (var sequencer in _merged)
            sequencer.Load(reader);
        foreach (var derived in _derived)
            derived.Restore(reader.Long());
        _stage.Load(reader);
        for (var i = 0; i < _rules.Count; i++)
        {
            var ledger = new RuleLedger(
                reader.Text()!, reader.Long(), reader.Long(), reader.Long(), reader.Long(), reader.Long(),
                reader.Long(), 0, reader.Long(), 0);
            _restored[ledger.Rule] = ledger with { Limited = reader.Long() };
        }
    }
}
