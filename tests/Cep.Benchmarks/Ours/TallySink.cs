using Cep.Benchmarks.Measuring;
using Cep.Detection;

namespace Cep.Benchmarks.Ours;

/// <summary>Counts the detections of a partition and adds up what identifies them.</summary>
internal sealed class TallySink(Func<HostedRule, Detected, double> value) : DetectionSink
{
    public Tally Tally { get; } = new();

    public override void Accept(HostedRule rule, Detected detected) => Tally.Add(value(rule, detected));
}
