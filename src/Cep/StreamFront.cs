using Cep.Detection.Routing;
using Cep.Events;
using Cep.Plans;
using Cep.State;
using Cep.Time;

namespace Cep;

/// <summary>Where the events of a stream come in: its watermark, its account, the lanes that read it.</summary>
internal sealed class StreamFront
{
    public StreamFront(StreamPlan plan, int stage)
    {
        Plan = plan;
        Stage = stage;

        // of a derived stream the rules that make it know how far it is
        Clock = new StreamClock(plan.Derived ? long.MaxValue : plan.OutOfOrderMs);
        Sequencer = new Sequencer(plan.Schema, ordered: !plan.Derived && plan.OutOfOrderMs == 0);
    }

    public StreamPlan Plan { get; }

    /// <summary>0 for streams from outside; one more than the latest of its makers' for a derived one.</summary>
    public int Stage { get; }

    public StreamClock Clock { get; }

    public Sequencer Sequencer { get; }

    /// <summary>The lane of rules that act on arrival; -1: none.</summary>
    public int ArrivalLane { get; set; } = -1;

    /// <summary>The lane of rules that want events in order; -1: none.</summary>
    public int OrderedLane { get; set; } = -1;

    /// <summary>Where its events are merged with those of other streams, and as which of them.</summary>
    public List<(MergedSequencer Sequencer, int Input)> Merged { get; } = [];

    /// <summary>The rules that make this stream.</summary>
    public List<RulePlan> Makers { get; } = [];

    /// <summary>Takes late events, where the stream sends them to another.</summary>
    public EventBatchBuilder? LateTo { get; set; }

    public long Received { get; private set; }

    public long Processed { get; set; }

    public long Late { get; set; }

    public long Ahead { get; set; }

    public long Rejected { get; private set; }

    public long Duplicate { get; private set; }

    public long Shed { get; private set; }

    public StreamLedger Ledger => new(Plan.Schema.Name, Received, Processed, Late, Ahead, Duplicate, Rejected, Shed);

    /// <summary>Counts what a batch brings, its events among it, and what never became an event of it.</summary>
    public void Count(EventBatch batch)
    {
        Received += batch.Count + batch.Rejected.Count + batch.Duplicates + batch.Shed;
        Rejected += batch.Rejected.Count;
        Duplicate += batch.Duplicates;
        Shed += batch.Shed;
    }

    /// <summary>True where every row is on time and in order, so that nothing needs a closer look.</summary>
    public bool IsInOrder(EventBatch batch)
    {
        var last = Math.Max(Clock.WatermarkMs, Clock.LatestMs);
        if (Plan.MaxAheadMs > 0 && batch.ArrivalMs != EventBatch.UnknownArrival)
            return false;
        foreach (var time in batch.Times.AsSpan(0, batch.Count))
        {
            if (time < last)
                return false;
            last = time;
        }

        return true;
    }

    public bool IsAhead(EventBatch batch, int row) =>
        Plan.MaxAheadMs > 0 && batch.ArrivalMs != EventBatch.UnknownArrival
        && batch.Times[row] > StreamClock.Saturating(batch.ArrivalMs, Plan.MaxAheadMs);

    public void Save(StateWriter writer)
    {
        writer.Section("stream", 1);
        Clock.Save(writer);
        writer.Long(Received);
        writer.Long(Processed);
        writer.Long(Late);
        writer.Long(Ahead);
        writer.Long(Rejected);
        writer.Long(Duplicate);
        writer.Long(Shed);
        Sequencer.Save(writer);
    }

    public void Load(StateReader reader)
    {
        reader.Section("stream", 1);
        Clock.Load(reader);
        Received = reader.Long();
        Processed = reader.Long();
        Late = reader.Long();
        Ahead = reader.Long();
        Rejected = reader.Long();
        Duplicate = reader.Long();
        Shed = reader.Long();
        Sequencer.Load(reader);
    }
}
