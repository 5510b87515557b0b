using System.Text;
using Cep.Mqtt.Codec;

namespace Cep.Mqtt.Tests;

/// <summary>Packets as a seed has them: every kind, every property where it may stand.</summary>
internal sealed class RandomPackets(int seed, MqttVersion version)
{
    private const string Letters = "abcXYZ019 _-äß水😀$";
    private readonly Random _random = new(seed);

    public MqttPacket Next()
    {
        var id = (ushort)_random.Next(1, 65536);
        return (PacketType)_random.Next(1, version == MqttVersion.V5 ? 16 : 15) switch
        {
            PacketType.Connect => Connect(),
            PacketType.Connack => Connack(),
            PacketType.Publish => Publish(),
            PacketType.Subscribe => With(PacketType.Subscribe, new SubscribePacket(id, Some(Subscription))),
            PacketType.Suback => With(
                PacketType.Suback, new SubackPacket(PacketType.Suback, id, Some(() => (ReasonCode)_random.Next(3)))),
            PacketType.Unsubscribe => With(PacketType.Unsubscribe, new UnsubscribePacket(id, Some(Filter))),
            PacketType.Unsuback => version == MqttVersion.V5
                ? With(
                    PacketType.Unsuback,
                    new SubackPacket(PacketType.Unsuback, id, Some(() => ReasonCode.NoSubscriptionExisted)))
                : new SubackPacket(PacketType.Unsuback, id, []),
            PacketType.Pingreq => new PingPacket(PacketType.Pingreq),
            PacketType.Pingresp => new PingPacket(PacketType.Pingresp),
            PacketType.Disconnect => With(PacketType.Disconnect, new ReasonPacket(PacketType.Disconnect, Reason())),
            PacketType.Auth => With(PacketType.Auth, new ReasonPacket(PacketType.Auth, Reason())),
            var ack => With(ack, new AckPacket(ack, id, Reason())),
        };
    }

    public string Text(int least = 0)
    {
        var text = new StringBuilder();
        for (var i = _random.Next(least, 20); i > 0; i--)
            text.Append(Letters.EnumerateRunes().ElementAt(_random.Next(16)).ToString());
        return text.ToString();
    }

    private bool Coin() => _random.Next(2) == 0;

    private byte[] Bytes()
    {
        var bytes = new byte[_random.Next(8) == 0 ? _random.Next(20_000) : _random.Next(40)];
        _random.NextBytes(bytes);
        return bytes;
    }

    private List<T> Some<T>(Func<T> make) => [.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => make())];

    private ReasonCode Reason() =>
        version == MqttVersion.V5 && Coin() ? (ReasonCode)_random.Next(256) : ReasonCode.Success;

    private string Filter() => (_random.Next(4) == 0 ? "$share/g/" : "") + _random.Next(3) switch
    {
        0 => "#",
        1 => $"+/{Text(1)}/#",
        _ => Text(1),
    };

    private Subscription Subscription()
    {
        var subscription = new Subscription(Filter(), (MqttQos)_random.Next(3));
        if (version == MqttVersion.V311)
            return subscription;
        return subscription with
        {
            NoLocal = !subscription.Filter.StartsWith("$share", StringComparison.Ordinal) && Coin(),
            RetainAsPublished = Coin(),
            RetainHandling = (byte)_random.Next(3),
        };
    }

    private ConnectPacket Connect()
    {
        var user = Coin();
        return With(PacketType.Connect, new ConnectPacket(version, Text())
        {
            CleanStart = Coin(),
            KeepAliveSeconds = (ushort)_random.Next(65536),
            Username = user ? Text() : null,
            Password = (user || version == MqttVersion.V5) && Coin() ? Bytes() : null,
            Will = Coin()
                ? With(PacketType.Will, new WillPacket(Text(1), Bytes(), (MqttQos)_random.Next(3), Coin()))
                : null,
        });
    }

    private ConnackPacket Connack() => With(
        PacketType.Connack,
        Coin() ? new ConnackPacket(true, ReasonCode.Success) : new ConnackPacket(false, (ReasonCode)_random.Next(6)));

    private PublishPacket Publish()
    {
        var qos = (MqttQos)_random.Next(3);
        return With(PacketType.Publish, new PublishPacket(Text(1), Bytes())
        {
            Qos = qos,
            Retain = Coin(),
            Duplicate = qos > 0 && Coin(),
            PacketId = qos > 0 ? (ushort)_random.Next(1, 65536) : (ushort)0,
        });
    }

    private T With<T>(PacketType type, T packet)
        where T : MqttPacket
    {
        if (version == MqttVersion.V311)
            return packet;
        var properties = new List<MqttProperty>();
        foreach (var id in Enum.GetValues<PropertyId>())
            if (PropertyRule.Of(id).Allows(type) && _random.Next(3) == 0)
                properties.Add(Property(id));
        return packet with { Properties = new MqttProperties(properties) };
    }

    private MqttProperty Property(PropertyId id)
    {
        var rule = PropertyRule.Of(id);
        var least = rule.NonZero ? 1 : 0;
        return rule.Kind switch
        {
            PropertyKind.Flag => MqttProperty.Of(id, (uint)_random.Next(2)),
            PropertyKind.UInt16 => MqttProperty.Of(id, (uint)_random.Next(least, 65536)),
            PropertyKind.UInt32 => MqttProperty.Of(id, (uint)_random.NextInt64(least, 1L << 32)),
            PropertyKind.VarInt => MqttProperty.Of(id, (uint)_random.Next(least, 268_435_456)),
            PropertyKind.Data => MqttProperty.Of(id, Bytes()),
            PropertyKind.Pair => MqttProperty.User(Text(), Text()),
            _ => MqttProperty.Of(id, Text()),
        };
    }
}
