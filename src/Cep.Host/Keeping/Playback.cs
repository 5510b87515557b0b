using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Cep.Alerts;
using Cep.Events;
using Cep.Plans;
using Cep.State;
using Cep.Storage;
using Cep.Storage.Journal;
using Cep.Time;

namespace Cep.Host.Keeping;

/// <summary>
/// An engine that is told entries one after another: the same entries give the same alerts, whether they come from
/// sources or from the journal. One thread.
/// </summary>
internal sealed class Playback : IDisposable
{
    public const string EngineSection = "engine";
    public const string IdleSection = "idle";

    private readonly Dictionary<string, long> _idleSince = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BatchDecoder> _decoders = new(StringComparer.Ordinal);
    private IDisposable _alerts;
    private IDisposable _ahead;

    public Playback(RuleTexts rules, int workers)
    {
        Rules = rules;
        Engine = new Engine(rules.Plan, new EngineOptions(workers));
        Subscribe();
    }

    /// <summary>The rules that run now.</summary>
    public RuleTexts Rules { get; private set; }

    public Engine Engine { get; private set; }

    /// <summary>The last entry that was applied; 0: none.</summary>
    public long Sequence { get; set; }

    /// <summary>What the engine has raised since whoever takes the alerts cleared this.</summary>
    public List<Alert> Released { get; } = [];

    /// <summary>What the engine has put aside since whoever takes it cleared this.</summary>
    public List<AheadEvent> Ahead { get; } = [];

    /// <exception cref="InvalidDataException">The entry's body is damaged, or of a newer version.</exception>
    public void Apply(Entry entry)
    {
        Sequence = entry.Sequence;
        if (entry.Stream.Length > 0 && !Declares(entry.Stream))
            return;
        switch (entry.Kind)
        {
            case RecordKind.Events:
                // a stream that speaks again holds its rules' clocks back again, before its events count
                if (_idleSince.Remove(entry.Stream))
                    Engine.SetIdle(entry.Stream, false);
                Engine.Push(entry.Batch ?? Decoder(entry.Stream).Decode(entry.Body.Span, entry.FirstPosition));
                break;
            case RecordKind.Idle:
                _idleSince[entry.Stream] = Engine.WatermarkMs(entry.Stream);
                Engine.SetIdle(entry.Stream, true);
                break;
            case RecordKind.Silence:
                PassTime(entry.Stream, BinaryPrimitives.ReadInt64LittleEndian(entry.Body.Span));
                break;
        }
    }

    /// <summary>
    /// Other rules run from here on. What still means the same keeps its state; what starts fresh is warmed with what
    /// came before, as far as it looks back. What it would have raised back then is no alert now.
    /// </summary>
    /// <param name="rules">The other rules.</param>
    /// <param name="earlier">The records of the journal up to here; null: there is none.</param>
    public void Change(RuleTexts rules, IEnumerable<JournalRecord>? earlier)
    {
        var part = earlier is null ? null : Engine.FreshPart(Rules.Plan, rules.Plan);
        using var warm = part is null ? null : new Playback(rules with { Plan = part }, Engine.Options.Workers);
        warm?.WarmUp(earlier!, FirstNeededMs(part!));
        var next = Engine.Replace(rules.Plan, warm?.Engine);
        Dispose();
        (Rules, Engine) = (rules, next);
        Subscribe();
        _decoders.Clear();
    }

    /// <summary>The name of the set of rules that an entry switches to, or null.</summary>
    public static string? RulesOf(Entry entry) =>
        entry.Kind == RecordKind.Rules ? Encoding.UTF8.GetString(entry.Body.Span) : null;

    public void SaveIdle(IBufferWriter<byte> to)
    {
        var writer = new StateWriter(to);
        writer.Section(IdleSection, 1);
        writer.Int(_idleSince.Count);
        foreach (var (stream, watermark) in _idleSince)
        {
            writer.Text(stream);
            writer.Long(watermark);
        }
    }

    /// <summary>Takes up the state that the same rules had after an entry.</summary>
    /// <exception cref="InvalidDataException">The bytes are no state of these rules.</exception>
    public void Load(long sequence, byte[] engine, byte[] idle)
    {
        Engine.Load(engine);
        var reader = new StateReader(idle);
        reader.Section(IdleSection, 1);
        for (var n = reader.Count(); n > 0; n--)
            _idleSince[reader.Text()!] = reader.Long();
        Sequence = sequence;
    }

    public void Dispose()
    {
        _alerts.Dispose();
        _ahead.Dispose();
        Engine.Dispose();
    }

    [MemberNotNull(nameof(_alerts), nameof(_ahead))]
    private void Subscribe()
    {
        _alerts = Engine.Alerts.Subscribe(new Collector<IReadOnlyList<Alert>>(Released.AddRange));
        _ahead = Engine.Ahead.Subscribe(new Collector<AheadEvent>(Ahead.Add));
    }

    /// <summary>The earliest event time that rules to be warmed want to know of.</summary>
    private long FirstNeededMs(EnginePlan part)
    {
        var clocks = part.Rules.SelectMany(r => r.Inputs)
            .Where(i => Rules.Plan.Streams.Any(s => s.Schema.Name == i && !s.Derived))
            .Select(Engine.WatermarkMs).ToList();
        return PlanReach.LooksBackMs(part) is { } back && clocks.Count > 0 && clocks.Min() > long.MinValue + back
            ? clocks.Min() - back
            : long.MinValue;
    }

    private void WarmUp(IEnumerable<JournalRecord> records, long fromMs)
    {
        foreach (var record in records)
        {
            if (record.Kind == RecordKind.Events && (record.LastMs < fromMs || record.Events == 0))
                continue;
            try
            {
                Apply(Entry.Of(record));
            }
            catch (InvalidDataException)
            {
                // a record that is damaged is left out: who reads the journal in earnest says so
            }

            Released.Clear();
            Ahead.Clear();
        }
    }

    private bool Declares(string stream) => Rules.Plan.Streams.Any(s => s.Schema.Name == stream && !s.Derived);

    private BatchDecoder Decoder(string stream)
    {
        if (!_decoders.TryGetValue(stream, out var decoder))
            _decoders[stream] = decoder = new BatchDecoder(
                Rules.Plan.Streams.First(s => s.Schema.Name == stream).Schema);
        return decoder;
    }

    /// <summary>While a stream is silent its own watermark goes on with the wall clock: else nothing could say that all
    /// its devices are.</summary>
    private void PassTime(string stream, long elapsedMs)
    {
        if (_idleSince.TryGetValue(stream, out var watermark) && watermark != StreamClock.Beginning)
            Engine.Advance(stream, watermark + elapsedMs);
    }

    private sealed class Collector<T>(Action<T> take) : IObserver<T>
    {
        public void OnNext(T value) => take(value);

        public void OnError(Exception error) => throw error;

        public void OnCompleted()
        {
        }
    }
}
