using System.Text;
using System.Text.Json;
using Cep.Mqtt.Codec;

namespace Cep.Mqtt.Tests;

public sealed class CodecTests
{
    private static readonly MqttLimits Limits = new();

    [Theory]
    [InlineData(MqttVersion.V311, 1)]
    [InlineData(MqttVersion.V311, 2)]
    [InlineData(MqttVersion.V5, 3)]
    [InlineData(MqttVersion.V5, 4)]
    public void Packets_WrittenAndParsed_AreTheSame(MqttVersion version, int seed)
    {
        var packets = new RandomPackets(seed, version);
        var writer = new PacketWriter(version);
        for (var i = 0; i < 2000; i++)
        {
            var packet = packets.Next();
            var bytes = writer.Write(packet).ToArray();
            Assert.Equal(Shown(packet), Shown(Parse(bytes, version)));
        }
    }

    [Theory]
    [InlineData(MqttVersion.V311, 5)]
    [InlineData(MqttVersion.V5, 6)]
    public void Packets_CutShort_AreMalformedAndNothingElse(MqttVersion version, int seed)
    {
        var packets = new RandomPackets(seed, version);
        var writer = new PacketWriter(version);
        for (var i = 0; i < 500; i++)
        {
            var bytes = writer.Write(packets.Next()).ToArray();
            Assert.True(Frame.TryHeader(bytes, Limits.PacketBytes, true, out var header, out var total));
            Assert.Equal(bytes.Length, total);
            for (var length = 0; length < Math.Min(header, 3); length++)
                Assert.False(Frame.TryHeader(bytes.AsSpan(0, Math.Min(length, 1)), 1 << 20, true, out _, out _));
            for (var length = header; length < Math.Min(bytes.Length, 200); length++)
                Survives(bytes[0], bytes.AsSpan(header, length - header), version);
        }
    }

    [Theory]
    [InlineData(MqttVersion.V311, 7)]
    [InlineData(MqttVersion.V5, 8)]
    [InlineData(MqttVersion.V5, 9)]
    public void Packets_WithFlippedBytes_GiveAPacketOrAProtocolError(MqttVersion version, int seed)
    {
        var random = new Random(seed);
        var packets = new RandomPackets(seed, version);
        var writer = new PacketWriter(version);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = writer.Write(packets.Next()).ToArray();
            Frame.TryHeader(bytes, Limits.PacketBytes, true, out var header, out _);
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            Survives(bytes[0], bytes.AsSpan(header), version);
        }
    }

    [Fact]
    public void Lengths_ThatAreOnlyClaimed_AllocateNothing()
    {
        // a CONNECT whose every length says 65,535, and a frame that says 256 MB
        var body = new byte[] { 0xFF, 0xFF, (byte)'M', (byte)'Q' };
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Survives(0x10, body, MqttVersion.V5);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 400_000);
        var e = Assert.Throws<MqttProtocolException>(
            () => Frame.TryHeader([0x30, 0xFF, 0xFF, 0xFF, 0x7F], 1 << 20, true, out _, out _));
        Assert.Equal(ReasonCode.PacketTooLarge, e.Reason);
    }

    [Fact]
    public void Publish_OnTheHotPath_AllocatesNothing()
    {
        var bytes = new PacketWriter(MqttVersion.V5).Write(new PublishPacket("pay/7/tx", new byte[180])
        {
            Qos = MqttQos.AtLeastOnce,
            PacketId = 7,
            Properties = new MqttProperties(MqttProperty.User("a", "b"), MqttProperty.Of(PropertyId.MessageExpiry, 9)),
        }).ToArray();
        Frame.TryHeader(bytes, 1 << 20, true, out var header, out _);
        PublishView.Parse(bytes[0], bytes.AsSpan(header), MqttVersion.V5, Limits);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Assert.True(PublishView.Parse(bytes[0], bytes.AsSpan(header), MqttVersion.V5, Limits).PacketId == 7);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // The examples of the specification: MQTT 3.1.1, figures 3.6, 3.11, 3.23, 3.26, 3.30; MQTT 5.0, 1.5.4 and 1.5.5
    [Theory]
    [InlineData("10 12 00 04 4D 51 54 54 04 02 00 0A 00 06 63 65 70 2D 31 32")]
    [InlineData("32 07 00 03 61 2F 62 00 0A")]
    [InlineData("82 0E 00 0A 00 03 61 2F 62 01 00 03 63 2F 64 02")]
    [InlineData("90 05 00 0A 00 02 80")]
    [InlineData("A2 0C 00 0A 00 03 61 2F 62 00 03 63 2F 64")]
    [InlineData("B0 02 00 0A")]
    [InlineData("62 02 00 0A")]
    [InlineData("C0 00")]
    [InlineData("D0 00")]
    [InlineData("E0 00")]
    public void ExamplesOfTheSpecification_OfVersion311_AreReadAndWritten(string hex) => Golden(hex, MqttVersion.V311);

    [Theory]
    [InlineData("10 15 00 04 4D 51 54 54 05 02 00 0A 05 11 00 00 00 0A 00 03 63 65 70")]
    [InlineData("20 06 00 00 03 21 00 14")]
    [InlineData("30 09 00 03 61 2F 62 00 68 69 21")]
    [InlineData("30 0B 00 05 41 F0 AA 9B 94 00 01 02 03")]
    [InlineData("40 03 00 0A 10")]
    [InlineData("70 02 00 0A")]
    [InlineData("82 09 00 0A 00 00 03 61 2F 62 2D")]
    [InlineData("90 04 00 0A 00 01")]
    [InlineData("B0 04 00 0A 00 11")]
    [InlineData("E0 01 8E")]
    [InlineData("F0 00")]
    public void ExamplesOfVersion5_AreReadAndWritten(string hex) => Golden(hex, MqttVersion.V5);

    [Theory]
    [InlineData("36 07 00 03 61 2F 62 00 0A", ReasonCode.MalformedPacket)] // QoS 3
    [InlineData("38 06 00 03 61 2F 62 00", ReasonCode.ProtocolError)] // DUP with QoS 0
    [InlineData("32 08 00 03 61 2F 62 00 00 00", ReasonCode.ProtocolError)] // packet id 0
    [InlineData("30 06 00 03 61 2F 23 00", ReasonCode.TopicNameInvalid)] // a wildcard
    [InlineData("30 06 00 03 61 00 62 00", ReasonCode.TopicNameInvalid)] // a null character
    [InlineData("30 06 00 03 61 C0 80 00", ReasonCode.MalformedPacket)] // overlong UTF-8
    [InlineData("30 06 00 03 ED A0 80 00", ReasonCode.MalformedPacket)] // a surrogate
    [InlineData("30 03 00 00 00", ReasonCode.ProtocolError)] // no topic and no alias
    [InlineData("30 06 00 00 03 23 00 00", ReasonCode.TopicAliasInvalid)] // alias 0
    [InlineData("30 0A 00 01 61 06 01 00 01 00 01 00", ReasonCode.ProtocolError)] // a property three times
    [InlineData("30 08 00 01 61 02 01 02 00 00", ReasonCode.ProtocolError)] // payload format 2
    [InlineData("30 07 00 01 61 03 21 00 01", ReasonCode.MalformedPacket)] // a CONNECT's property
    [InlineData("30 06 00 01 61 80 00 00", ReasonCode.MalformedPacket)] // a long zero
    [InlineData("60 02 00 0A", ReasonCode.MalformedPacket)] // PUBREL without its flag
    [InlineData("80 07 00 0A 00 00 01 61 00", ReasonCode.MalformedPacket)] // SUBSCRIBE without its flag
    [InlineData("82 07 00 0A 00 00 01 61 C0", ReasonCode.MalformedPacket)] // reserved options
    [InlineData("82 03 00 0A 00", ReasonCode.MalformedPacket)] // no filter
    [InlineData("82 09 00 0A 00 00 03 61 2F 2B 2B 00", ReasonCode.MalformedPacket)]
    [InlineData("82 0A 00 0A 00 00 04 61 2F 62 2B 00", ReasonCode.TopicFilterInvalid)]
    [InlineData("C0 01 00", ReasonCode.MalformedPacket)] // a PINGREQ with a body
    [InlineData("C1 00", ReasonCode.MalformedPacket)]
    [InlineData("00 00", ReasonCode.MalformedPacket)]
    [InlineData("10 0A 00 04 4D 51 54 54 06 02 00 0A", ReasonCode.UnsupportedVersion)]
    [InlineData("10 0D 00 04 4D 51 54 54 05 03 00 0A 00 00 00", ReasonCode.MalformedPacket)] // reserved flag
    public void Packets_ThatBreakARule_SayWhich(string hex, ReasonCode reason)
    {
        var bytes = Bytes(hex);
        Frame.TryHeader(bytes, 1 << 20, true, out var header, out _);
        var e = Assert.Throws<MqttProtocolException>(
            () => PacketParser.Parse(bytes[0], bytes.AsSpan(header), MqttVersion.V5, Limits));
        Assert.Equal(reason, e.Reason);
    }

    [Theory]
    [InlineData(new byte[] { 0x30, 0x00 }, 2)]
    [InlineData(new byte[] { 0x30, 0x7F }, 129)]
    [InlineData(new byte[] { 0x30, 0x80, 0x01 }, 131)]
    [InlineData(new byte[] { 0x30, 0xFF, 0x7F }, 16386)]
    [InlineData(new byte[] { 0x30, 0x80, 0x80, 0x01 }, 16388)]
    [InlineData(new byte[] { 0x30, 0xFF, 0xFF, 0xFF, 0x7F }, 268435460)]
    public void Lengths_OfTheSpecificationsTable_AreRead(byte[] bytes, int total)
    {
        Assert.True(Frame.TryHeader(bytes, int.MaxValue, true, out var header, out var read));
        Assert.Equal((bytes.Length, total), (header, read));
    }

    [Theory]
    [InlineData("a/b", true)]
    [InlineData("#", true)]
    [InlineData("+/+/#", true)]
    [InlineData("/", true)]
    [InlineData("$share/g/a/+", true)]
    [InlineData("", false)]
    [InlineData("a/#/b", false)]
    [InlineData("a#", false)]
    [InlineData("a+/b", false)]
    [InlineData("$share//a", false)]
    [InlineData("$share/g", false)]
    [InlineData("$share/g/", false)]
    [InlineData("$share/+/a", false)]
    public void Filters_AreCheckedByLevel(string filter, bool isGood) =>
        Assert.Equal(isGood, MqttTopic.FaultOfFilter(filter) is null);

    [Fact]
    public void Limits_OnWhatAPacketHolds_AreKept()
    {
        var writer = new PacketWriter(MqttVersion.V5);
        var many = Enumerable.Range(0, 65).Select(i => MqttProperty.User("a", "b")).ToList();
        Refused(new PublishPacket("a", []) { Properties = new MqttProperties(many) }, ReasonCode.QuotaExceeded);
        Refused(new PublishPacket(new string('a', 5000), []), ReasonCode.TopicNameInvalid);
        Refused(
            new SubscribePacket(1, [.. Enumerable.Repeat(new Subscription("a", 0), 129)]), ReasonCode.QuotaExceeded);

        void Refused(MqttPacket packet, ReasonCode reason)
        {
            var bytes = writer.Write(packet).ToArray();
            Assert.Equal(reason, Assert.Throws<MqttProtocolException>(() => Parse(bytes, MqttVersion.V5)).Reason);
        }
    }

    private static void Golden(string hex, MqttVersion version)
    {
        var bytes = Bytes(hex);
        var packet = Parse(bytes, version);
        Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(new PacketWriter(version).Write(packet)));
    }

    private static byte[] Bytes(string hex)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        bytes[1] = (byte)(bytes.Length - 2);
        return bytes;
    }

    private static MqttPacket Parse(byte[] bytes, MqttVersion version)
    {
        Assert.True(Frame.TryHeader(bytes, Limits.PacketBytes, true, out var header, out var total));
        Assert.Equal(bytes.Length, total);
        return PacketParser.Parse(bytes[0], bytes.AsSpan(header), version, Limits);
    }

    private static void Survives(byte header, ReadOnlySpan<byte> body, MqttVersion version)
    {
        try
        {
            PacketParser.Parse(header, body, version, Limits);
        }
        catch (MqttProtocolException e)
        {
            Assert.True((byte)e.Reason >= 0x80);
        }
    }

    private static string Shown(MqttPacket packet) =>
        $"{packet.GetType().Name} {Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes<object>(packet))}";
}
