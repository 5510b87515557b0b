using Cep.Events;
using Cep.Plans;
using Cep.State;

namespace Cep.Detection.Routing;

/// <summary>What a partition is told to do next; all partitions are told the same.</summary>
/// <param name="Kind">What.</param>
/// <param name="Lane">Where.</param>
/// <param name="Batch">The events, or null.</param>
/// <param name="From">The first row.</param>
/// <param name="To">The row after the last; for the clock how many rows there were since.</param>
/// <param name="ClockMs">The stream's watermark.</param>
/// <param name="LatestMs">For the clock the largest event time of the stream.</param>
/// <param name="Merged">The events of several streams in one order, or null.</param>
internal readonly record struct Step(
    StepKind Kind, int Lane, EventBatch? Batch, int From, int To, long ClockMs, long LatestMs,
    MergedEvents? Merged = null);

internal enum StepKind : byte
{
    Events,

    /// <summary>Events of several streams in one order.</summary>
    Merged,
    Late,
    Clock,
}

/// <summary>A share of the keys, with the state of all rules for them. One thread at a time.</summary>
internal sealed class Partition
{
    private readonly Lane[] _lanes;
    private readonly DetectionSink _sink;

    /// <param name="lanes">The streams of each lane.</param>
    /// <param name="rules">The rules, each with its lane.</param>
    /// <param name="share">Which keys it has.</param>
    /// <param name="sink">Takes what is found.</param>
    public Partition(
        IReadOnlyList<StreamSchema[]> lanes, IReadOnlyList<(RulePlan Plan, int Lane)> rules, KeyShare share,
        DetectionSink sink)
    {
        _sink = sink;
        _lanes = [.. lanes.Select(schemas => new Lane(schemas, share))];
        Rules = new HostedRule[rules.Count];
        for (var i = 0; i < rules.Count; i++)
        {
            Rules[i] = new HostedRule(rules[i].Plan, i);
            _lanes[rules[i].Lane].Add(Rules[i]);
        }
    }

    public IReadOnlyList<Lane> Lanes => _lanes;

    public HostedRule[] Rules { get; }

    /// <summary>Keys with state; one that several lanes know counts for each.</summary>
    public long KeyCount => _lanes.Sum(l => l.KeyCount);

    /// <summary>Set where a late row was taken by some rule.</summary>
    public bool TookLate { get; private set; }

    public void Run(in Step step)
    {
        var lane = _lanes[step.Lane];
        switch (step.Kind)
        {
            case StepKind.Events:
                lane.OnEvents(step.Batch!, step.From, step.To, step.ClockMs, _sink);
                break;
            case StepKind.Merged:
                lane.OnMerged(step.Merged!, step.ClockMs, _sink);
                break;
            case StepKind.Late:
                TookLate |= lane.OnLate(step.Batch!, step.From, step.ClockMs, _sink);
                break;
            default:
                lane.OnClock(step.ClockMs, step.LatestMs, _sink);
                lane.Sweep(Math.Max(4, step.To - step.From), step.ClockMs);
                break;
        }
    }

    /// <summary>As <see cref="Detector.NextDueMs"/>, of a lane's rules.</summary>
    public long NextDueMs(int lane) => _lanes[lane].NextDueMs();

    public void ForgetLate() => TookLate = false;

    public void Save(StateWriter writer)
    {
        foreach (var lane in _lanes)
            lane.Save(writer);
    }

    public void Load(StateReader reader)
    {
        foreach (var lane in _lanes)
            lane.Load(reader);
    }
}
