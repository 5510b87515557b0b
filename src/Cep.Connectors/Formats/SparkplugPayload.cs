namespace Cep.Connectors.Formats;

/// <summary>A Sparkplug payload, read from either of its forms.</summary>
internal sealed class SparkplugPayload
{
    public long? TimestampMs { get; set; }

    public ulong? Sequence { get; set; }

    public List<SparkplugMetric> Metrics { get; } = [];
}
