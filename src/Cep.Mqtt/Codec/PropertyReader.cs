using System.Text;

namespace Cep.Mqtt.Codec;

/// <summary>Reads and checks properties (MQTT 5.0, 2.2.2).</summary>
internal static class PropertyReader
{
    /// <summary>All properties of a packet.</summary>
    public static MqttProperties Read(ref PacketReader packet, PacketType type, MqttLimits limits)
    {
        var reader = Open(ref packet);
        if (reader.IsAtEnd)
            return MqttProperties.None;
        var all = new List<MqttProperty>();
        ulong seen = 0;
        for (var count = 1; !reader.IsAtEnd; count++)
        {
            var (id, rule) = Next(ref reader, type, limits, count, ref seen);
            all.Add(rule.Kind switch
            {
                PropertyKind.Text => MqttProperty.Of(id, Encoding.UTF8.GetString(TextOf(id, ref reader))),
                PropertyKind.Pair => MqttProperty.User(reader.Text(), reader.Text()),
                PropertyKind.Data => MqttProperty.Of(id, reader.Data().ToArray()),
                _ => MqttProperty.Of(id, NumberOf(id, rule, ref reader)),
            });
        }

        return new MqttProperties(all);
    }

    /// <summary>Checks the properties of a PUBLISH and makes nothing of them.</summary>
    /// <returns>The topic's alias, or 0; and whether there is a subscription's id.</returns>
    public static (ushort Alias, bool HasSubscriptionId) ReadPublish(ref PacketReader packet, MqttLimits limits)
    {
        var reader = Open(ref packet);
        ushort alias = 0;
        var hasSubscriptionId = false;
        ulong seen = 0;
        for (var count = 1; !reader.IsAtEnd; count++)
        {
            var (id, rule) = Next(ref reader, PacketType.Publish, limits, count, ref seen);
            switch (rule.Kind)
            {
                case PropertyKind.Text:
                    TextOf(id, ref reader);
                    break;
                case PropertyKind.Pair:
                    reader.Utf8Text();
                    reader.Utf8Text();
                    break;
                case PropertyKind.Data:
                    reader.Data();
                    break;
                default:
                    var number = NumberOf(id, rule, ref reader);
                    hasSubscriptionId |= id == PropertyId.SubscriptionId;
                    if (id == PropertyId.TopicAlias)
                        alias = (ushort)number;
                    break;
            }
        }

        return (alias, hasSubscriptionId);
    }

    private static PacketReader Open(ref PacketReader packet) => new(packet.Take(packet.VarInt()));

    private static (PropertyId Id, PropertyRule Rule) Next(
        ref PacketReader reader, PacketType type, MqttLimits limits, int count, ref ulong seen)
    {
        if (count > limits.Properties)
            throw new MqttProtocolException(
                ReasonCode.QuotaExceeded, $"more than {limits.Properties} properties in a packet");
        var id = (PropertyId)reader.VarInt();
        var rule = PropertyRule.Of(id);
        if (rule.Kind == PropertyKind.None || !rule.Allows(type))
            throw new MqttProtocolException(
                ReasonCode.MalformedPacket, $"the property 0x{(int)id:X2} has no place in {type}");
        var bit = 1UL << (int)id;
        var repeats = rule.Repeats && !(type == PacketType.Subscribe && id == PropertyId.SubscriptionId);
        if ((seen & bit) != 0 && !repeats)
            throw new MqttProtocolException(ReasonCode.ProtocolError, $"the property {id} comes twice");
        seen |= bit;
        return (id, rule);
    }

    private static uint NumberOf(PropertyId id, PropertyRule rule, ref PacketReader reader)
    {
        var number = rule.Kind switch
        {
            PropertyKind.Flag => reader.Byte(),
            PropertyKind.UInt16 => reader.UInt16(),
            PropertyKind.UInt32 => reader.UInt32(),
            _ => (uint)reader.VarInt(),
        };
        if (rule.Kind == PropertyKind.Flag && number > 1)
            throw new MqttProtocolException(ReasonCode.ProtocolError, $"the property {id} is {number}, not 0 or 1");
        if (number == 0 && rule.NonZero)
            throw new MqttProtocolException(
                id == PropertyId.TopicAlias ? ReasonCode.TopicAliasInvalid : ReasonCode.ProtocolError,
                $"the property {id} is 0");
        return number;
    }

    private static ReadOnlySpan<byte> TextOf(PropertyId id, ref PacketReader reader)
    {
        var text = reader.Utf8Text();
        if (id == PropertyId.ResponseTopic)
            MqttTopic.CheckName(text, ushort.MaxValue);
        return text;
    }
}
