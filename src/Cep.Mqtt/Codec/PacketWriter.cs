using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Cep.Mqtt.Codec;

/// <summary>
/// Makes the bytes of packets. One thread; the bytes are good until the next packet is written.
/// </summary>
internal sealed class PacketWriter(MqttVersion version)
{
    /// <summary>The most bytes that can stand before a body.</summary>
    private const int Head = Frame.MaxHeader;

    private readonly ArrayBufferWriter<byte> _body = new(256);
    private readonly ArrayBufferWriter<byte> _properties = new();
    private byte[] _packet = new byte[256];

    /// <summary>The bytes of a packet.</summary>
    public ReadOnlySpan<byte> Write(MqttPacket packet)
    {
        _body.ResetWrittenCount();
        var first = packet switch
        {
            ConnectPacket connect => Connect(connect),
            ConnackPacket connack => Connack(connack),
            PublishPacket publish => Publish(publish),
            AckPacket ack => Ack(ack),
            SubscribePacket subscribe => Subscribe(subscribe),
            SubackPacket suback => Suback(suback),
            UnsubscribePacket unsubscribe => Unsubscribe(unsubscribe),
            PingPacket ping => (byte)((int)ping.Type << 4),
            ReasonPacket reason => Reason(reason),
            _ => throw new ArgumentException($"{packet.GetType().Name} is no packet of its own", nameof(packet)),
        };
        return Complete(first);
    }

    /// <summary>
    /// The bytes of a PUBLISH up to its payload, of which only the length is needed here.
    /// </summary>
    public ReadOnlySpan<byte> PublishHead(
        ReadOnlySpan<byte> topic, int payloadBytes, MqttQos qos, bool retain, bool duplicate, ushort id)
    {
        _body.ResetWrittenCount();
        Data(topic);
        if (qos > 0)
            UInt16(id);
        if (version == MqttVersion.V5)
            Byte(0);
        return Complete(PublishFlags(qos, retain, duplicate), payloadBytes);
    }

    private static byte PublishFlags(MqttQos qos, bool retain, bool duplicate) =>
        (byte)(0x30 | (duplicate ? 8 : 0) | (int)qos << 1 | (retain ? 1 : 0));

    private ReadOnlySpan<byte> Complete(byte first, int further = 0)
    {
        var body = _body.WrittenSpan;
        if (_packet.Length < body.Length + Head)
            _packet = new byte[Math.Max(body.Length + Head, _packet.Length * 2)];
        _packet[0] = first;
        var header = 1;
        for (var length = (uint)(body.Length + further); ; length >>= 7)
        {
            _packet[header++] = (byte)(length < 0x80 ? length : length & 0x7F | 0x80);
            if (length < 0x80)
                break;
        }

        body.CopyTo(_packet.AsSpan(header));
        return _packet.AsSpan(0, header + body.Length);
    }

    private byte Connect(ConnectPacket packet)
    {
        Text("MQTT");
        Byte((byte)packet.Version);
        var flags = packet.CleanStart ? 2 : 0;
        if (packet.Will is { } will)
            flags |= 4 | (int)will.Qos << 3 | (will.Retain ? 0x20 : 0);
        flags |= (packet.Username is not null ? 0x80 : 0) | (packet.Password is not null ? 0x40 : 0);
        Byte((byte)flags);
        UInt16(packet.KeepAliveSeconds);
        Properties(packet);
        Text(packet.ClientId);
        if (packet.Will is not null)
        {
            Properties(packet.Will);
            Text(packet.Will.Topic);
            Data(packet.Will.Payload);
        }

        if (packet.Username is not null)
            Text(packet.Username);
        if (packet.Password is not null)
            Data(packet.Password);
        return 0x10;
    }

    private byte Connack(ConnackPacket packet)
    {
        Byte(packet.SessionPresent ? (byte)1 : (byte)0);
        Byte((byte)packet.Reason);
        Properties(packet);
        return 0x20;
    }

    private byte Publish(PublishPacket packet)
    {
        Text(packet.Topic);
        if (packet.Qos > 0)
            UInt16(packet.PacketId);
        Properties(packet);
        _body.Write(packet.Payload);
        return PublishFlags(packet.Qos, packet.Retain, packet.Duplicate);
    }

    private byte Ack(AckPacket packet)
    {
        UInt16(packet.PacketId);
        if (version == MqttVersion.V5)
            ReasonAndProperties(packet.Reason, packet);
        return (byte)((int)packet.Type << 4 | (packet.Type == PacketType.Pubrel ? 2 : 0));
    }

    private byte Subscribe(SubscribePacket packet)
    {
        UInt16(packet.PacketId);
        Properties(packet);
        foreach (var filter in packet.Filters)
        {
            Text(filter.Filter);
            var options = (int)filter.Qos;
            if (version == MqttVersion.V5)
                options |= (filter.NoLocal ? 4 : 0) | (filter.RetainAsPublished ? 8 : 0) | filter.RetainHandling << 4;
            Byte((byte)options);
        }

        return 0x82;
    }

    private byte Suback(SubackPacket packet)
    {
        UInt16(packet.PacketId);
        Properties(packet);
        foreach (var reason in packet.Reasons)
            Byte((byte)reason);
        return (byte)((int)packet.Type << 4);
    }

    private byte Unsubscribe(UnsubscribePacket packet)
    {
        UInt16(packet.PacketId);
        Properties(packet);
        foreach (var filter in packet.Filters)
            Text(filter);
        return 0xA2;
    }

    private byte Reason(ReasonPacket packet)
    {
        if (version == MqttVersion.V5)
            ReasonAndProperties(packet.Reason, packet);
        return (byte)((int)packet.Type << 4);
    }

    /// <summary>Both may be left out at the end where they say nothing (MQTT 5.0, 3.4.2).</summary>
    private void ReasonAndProperties(ReasonCode reason, MqttPacket packet)
    {
        if (reason == ReasonCode.Success && packet.Properties.All.Count == 0)
            return;
        Byte((byte)reason);
        if (packet.Properties.All.Count > 0)
            Properties(packet);
    }

    private void Properties(MqttPacket packet)
    {
        if (version != MqttVersion.V5)
            return;
        _properties.ResetWrittenCount();
        foreach (var property in packet.Properties.All)
            Property(property, _properties);
        VarInt((uint)_properties.WrittenCount, _body);
        _body.Write(_properties.WrittenSpan);
    }

    private static void Property(MqttProperty property, ArrayBufferWriter<byte> to)
    {
        Byte((byte)property.Id, to);
        switch (PropertyRule.Of(property.Id).Kind)
        {
            case PropertyKind.Flag:
                Byte((byte)property.Number, to);
                break;
            case PropertyKind.UInt16:
                UInt16((ushort)property.Number, to);
                break;
            case PropertyKind.UInt32:
                BinaryPrimitives.WriteUInt32BigEndian(to.GetSpan(4), property.Number);
                to.Advance(4);
                break;
            case PropertyKind.VarInt:
                VarInt(property.Number, to);
                break;
            case PropertyKind.Data:
                Data(property.Data, to);
                break;
            default:
                if (property.Name is not null)
                    Data(Encoding.UTF8.GetBytes(property.Name), to);
                Data(Encoding.UTF8.GetBytes(property.Text!), to);
                break;
        }
    }

    private void Byte(byte value) => Byte(value, _body);

    private void UInt16(ushort value) => UInt16(value, _body);

    private void Data(ReadOnlySpan<byte> bytes) => Data(bytes, _body);

    private void Text(string text) => Data(Encoding.UTF8.GetBytes(text), _body);

    private static void Byte(byte value, ArrayBufferWriter<byte> to)
    {
        to.GetSpan(1)[0] = value;
        to.Advance(1);
    }

    private static void UInt16(ushort value, ArrayBufferWriter<byte> to)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to.GetSpan(2), value);
        to.Advance(2);
    }

    private static void VarInt(uint value, ArrayBufferWriter<byte> to)
    {
        for (; value >= 0x80; value >>= 7)
            Byte((byte)(value & 0x7F | 0x80), to);
        Byte((byte)value, to);
    }

    private static void Data(ReadOnlySpan<byte> bytes, ArrayBufferWriter<byte> to)
    {
        if (bytes.Length > ushort.MaxValue)
            throw new ArgumentException($"A text or field of {bytes.Length} bytes; MQTT takes at most 65,535.");
        UInt16((ushort)bytes.Length, to);
        to.Write(bytes);
    }
}
