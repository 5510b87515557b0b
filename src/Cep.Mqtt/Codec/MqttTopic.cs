using System.Buffers;
using System.Text.Unicode;

namespace Cep.Mqtt.Codec;

/// <summary>What topic names and filters may look like (MQTT 5.0, 4.7).</summary>
internal static class MqttTopic
{
    private static readonly SearchValues<byte> s_notInNames = SearchValues.Create(0, (byte)'+', (byte)'#');

    /// <summary>Throws where these bytes can't be the topic of a message.</summary>
    public static void CheckName(ReadOnlySpan<byte> topic, int maxBytes)
    {
        if (topic.Length > maxBytes)
            throw new MqttProtocolException(
                ReasonCode.TopicNameInvalid, $"a topic of {topic.Length} bytes, at most {maxBytes} are taken");
        if (!Utf8.IsValid(topic))
            throw new MqttProtocolException(ReasonCode.MalformedPacket, "a topic that is not UTF-8");
        if (topic.ContainsAny(s_notInNames))
            throw new MqttProtocolException(ReasonCode.TopicNameInvalid, "a topic with a wildcard or a null character");
    }

    /// <summary>What is wrong with a filter, or null.</summary>
    public static string? FaultOfFilter(string filter)
    {
        if (filter.Length == 0)
            return "it is empty";
        if (!filter.StartsWith("$share/", StringComparison.Ordinal))
            return FaultOfLevels(filter);
        var slash = filter.IndexOf('/', 7);
        if (slash <= 7)
            return "a shared subscription is $share/NAME/FILTER";
        if (filter.AsSpan(7, slash - 7).IndexOfAny('+', '#') >= 0)
            return "the name of a shared subscription holds a wildcard";
        return slash + 1 == filter.Length ? "it is empty" : FaultOfLevels(filter[(slash + 1)..]);
    }

    private static string? FaultOfLevels(string filter)
    {
        if (filter.Contains('\0', StringComparison.Ordinal))
            return "it holds a null character";
        var levels = filter.Split('/');
        for (var i = 0; i < levels.Length; i++)
        {
            if (levels[i].Contains('#', StringComparison.Ordinal) && (levels[i] != "#" || i < levels.Length - 1))
                return "# stands for all that follows: it is the whole last level";
            if (levels[i].Contains('+', StringComparison.Ordinal) && levels[i] != "+")
                return "+ stands for a whole level";
        }

        return null;
    }
}
