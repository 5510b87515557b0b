using System.Buffers;
using System.Reactive.Subjects;
using Cep.Alerts;
using Cep.Events;
using Cep.Plans;

namespace Cep;

/// <param name="Workers">How many partitions of keys run side by side; the alerts do not depend on it.</param>
public sealed record EngineOptions(int Workers = 1);

/// <summary>
/// Runs compiled rules over batches of events. Pure: it knows no clock but the watermarks of its streams, does no I/O, and
/// gives the same alerts for the same input. Not thread-safe: one caller at a time.
/// </summary>
public sealed class Engine : IDisposable
{
    private readonly Subject<IReadOnlyList<Alert>> _alerts = new();

    public Engine(EnginePlan plan, EngineOptions? options = null)
    {
        Plan = plan;
        Options = options ?? new EngineOptions();
    }

    public EnginePlan Plan { get; }

    public EngineOptions Options { get; }

    /// <summary>
    /// Alerts in batches. Across batches they come in the order in which they become known; sorted by
    /// (at, rule, key, id) within what one push or advance released.
    /// </summary>
    public IObservable<IReadOnlyList<Alert>> Alerts => _alerts;

    /// <summary>No alert to come has an earlier time than this (ms): those before it can be sorted and let go.</summary>
    public long AlertFloorMs => long.MinValue;

    public Ledger Ledger => new([], []);

    /// <summary>For each field of a stream whether rules or the evidence of their alerts need it.</summary>
    public bool[] FieldsRead(string stream) => [.. Plan.Streams.First(s => s.Schema.Name == stream).Schema.Fields.Select(_ => true)];

    /// <summary>Takes events of the stream that the batch's schema names.</summary>
    /// <exception cref="ArgumentException">The plan has no such stream.</exception>
    public void Push(EventBatch batch) => ArgumentNullException.ThrowIfNull(batch);

    /// <summary>Promises that no event of the stream with a time below the watermark (ms) is to come.</summary>
    public void Advance(string stream, long watermarkMs)
    {
    }

    /// <summary>Leaves a silent stream out of the clocks of the rules that read it, or takes it in again.</summary>
    public void SetIdle(string stream, bool idle)
    {
    }

    /// <summary>The end of the input: every watermark goes to the end of time.</summary>
    public void Complete()
    {
    }

    /// <summary>Writes the whole state, so that an engine of the same plan that loads it goes on as this one would.</summary>
    public void Save(IBufferWriter<byte> writer)
    {
    }

    /// <exception cref="InvalidDataException">The bytes are no state of this plan.</exception>
    public void Load(ReadOnlySpan<byte> state)
    {
    }

    public void Dispose() => _alerts.Dispose();
}
