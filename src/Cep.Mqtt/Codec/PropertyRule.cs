using static Cep.Mqtt.Codec.PacketType;

namespace Cep.Mqtt.Codec;

/// <summary>How a property is written.</summary>
internal enum PropertyKind : byte
{
    None,
    Flag,
    UInt16,
    UInt32,
    VarInt,
    Text,
    Pair,
    Data,
}

/// <summary>How a property is written and where it may stand (MQTT 5.0, table 2-4).</summary>
internal readonly struct PropertyRule
{
    private static readonly PropertyRule[] Rules = MakeRules();
    private readonly int _packets;

    private PropertyRule(PropertyKind kind, bool repeats, bool nonZero, params PacketType[] packets)
    {
        Kind = kind;
        Repeats = repeats;
        NonZero = nonZero;
        foreach (var packet in packets)
            _packets |= 1 << (int)packet;
    }

    public PropertyKind Kind { get; }

    /// <summary>Whether a packet may have several.</summary>
    public bool Repeats { get; }

    public bool NonZero { get; }

    public static PropertyRule Of(PropertyId id) => (int)id < Rules.Length ? Rules[(int)id] : default;

    public bool Allows(PacketType packet) => (_packets >> (int)packet & 1) != 0;

    private static PropertyRule[] MakeRules()
    {
        var rules = new PropertyRule[(int)PropertyId.SharedSubscriptionAvailable + 1];
        void Set(PropertyId id, PropertyKind kind, params PacketType[] packets) => rules[(int)id] = new PropertyRule(
            kind,
            id is PropertyId.UserProperty or PropertyId.SubscriptionId,
            id is PropertyId.SubscriptionId or PropertyId.ReceiveMaximum or PropertyId.MaximumPacketSize
                or PropertyId.TopicAlias,
            packets);
        Set(PropertyId.PayloadFormat, PropertyKind.Flag, Publish, Will);
        Set(PropertyId.MessageExpiry, PropertyKind.UInt32, Publish, Will);
        Set(PropertyId.ContentType, PropertyKind.Text, Publish, Will);
        Set(PropertyId.ResponseTopic, PropertyKind.Text, Publish, Will);
        Set(PropertyId.CorrelationData, PropertyKind.Data, Publish, Will);
        Set(PropertyId.SubscriptionId, PropertyKind.VarInt, Publish, Subscribe);
        Set(PropertyId.SessionExpiry, PropertyKind.UInt32, Connect, Connack, Disconnect);
        Set(PropertyId.AssignedClientId, PropertyKind.Text, Connack);
        Set(PropertyId.ServerKeepAlive, PropertyKind.UInt16, Connack);
        Set(PropertyId.AuthenticationMethod, PropertyKind.Text, Connect, Connack, Auth);
        Set(PropertyId.AuthenticationData, PropertyKind.Data, Connect, Connack, Auth);
        Set(PropertyId.RequestProblemInformation, PropertyKind.Flag, Connect);
        Set(PropertyId.WillDelay, PropertyKind.UInt32, Will);
        Set(PropertyId.RequestResponseInformation, PropertyKind.Flag, Connect);
        Set(PropertyId.ResponseInformation, PropertyKind.Text, Connack);
        Set(PropertyId.ServerReference, PropertyKind.Text, Connack, Disconnect);
        Set(
            PropertyId.ReasonString, PropertyKind.Text,
            Connack, Puback, Pubrec, Pubrel, Pubcomp, Suback, Unsuback, Disconnect, Auth);
        Set(PropertyId.ReceiveMaximum, PropertyKind.UInt16, Connect, Connack);
        Set(PropertyId.TopicAliasMaximum, PropertyKind.UInt16, Connect, Connack);
        Set(PropertyId.TopicAlias, PropertyKind.UInt16, Publish);
        Set(PropertyId.MaximumQos, PropertyKind.Flag, Connack);
        Set(PropertyId.RetainAvailable, PropertyKind.Flag, Connack);
        Set(
            PropertyId.UserProperty, PropertyKind.Pair,
            Connect, Connack, Publish, Will, Puback, Pubrec, Pubrel, Pubcomp, Subscribe, Suback, Unsubscribe,
            Unsuback, Disconnect, Auth);
        Set(PropertyId.MaximumPacketSize, PropertyKind.UInt32, Connect, Connack);
        Set(PropertyId.WildcardSubscriptionAvailable, PropertyKind.Flag, Connack);
        Set(PropertyId.SubscriptionIdAvailable, PropertyKind.Flag, Connack);
        Set(PropertyId.SharedSubscriptionAvailable, PropertyKind.Flag, Connack);
        return rules;
    }
}
