using System.Text;

namespace Cep.Connectors.Formats;

/// <summary>
/// Sparkplug B: each metric becomes an object of group, type, edge, device (of the topic
/// <c>spBv1.0/GROUP/TYPE/EDGE[/DEVICE]</c>), name, alias, datatype, timestamp, value and seq. Payloads are Protocol
/// Buffers or JSON.
/// </summary>
internal sealed class SparkplugResolver(SparkplugNames names) : IPayloadResolver
{
    public string? Resolve(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, long nowMs, ResolvedRecords records)
    {
        var levels = Encoding.UTF8.GetString(topic).Split('/');
        var isOfSparkplug = levels.Length is 4 or 5 && levels[0].StartsWith("spB", StringComparison.Ordinal);
        var type = isOfSparkplug ? levels[2] : null;
        var edge = isOfSparkplug ? $"{levels[1]}/{levels[3]}" : Encoding.UTF8.GetString(topic);
        var read = payload.TrimStart(" \t\r\n"u8) is [(byte)'{', ..]
            ? SparkplugJson.Read(payload)
            : SparkplugProtobuf.Read(payload);
        if (read is null)
            return "no Sparkplug payload, neither as Protocol Buffers nor as JSON";
        if (type == "NBIRTH")
            names.Forget(edge);
        foreach (var metric in read.Metrics)
        {
            names.Resolve(edge, metric);
            records.Begin();
            if (isOfSparkplug)
            {
                records.Member("group"u8).String(levels[1]);
                records.Member("type"u8).String(levels[2]);
                records.Member("edge"u8).String(levels[3]);
                if (levels.Length == 5)
                    records.Member("device"u8).String(levels[4]);
            }

            if (metric.Name is not null)
                records.Member("name"u8).String(metric.Name);
            if (metric.Alias is { } alias)
                records.Member("alias"u8).Number((long)alias);
            if (metric.Type is not null)
                records.Member("datatype"u8).String(metric.Type);
            records.Member("timestamp"u8).Number(metric.TimestampMs ?? read.TimestampMs ?? nowMs);
            records.Member("value"u8).Raw(metric.ValueJson());
            if (read.Sequence is { } sequence)
                records.Member("seq"u8).Number((long)sequence);
            records.End();
        }

        return null;
    }
}
