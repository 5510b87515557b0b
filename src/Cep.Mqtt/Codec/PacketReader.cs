using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Cep.Mqtt.Codec;

/// <summary>Reads the parts of a packet's body; what is not there or not right is a protocol error.</summary>
internal ref struct PacketReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte Byte()
    {
        if (_rest.IsEmpty)
            throw Truncated();
        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public ushort UInt16()
    {
        if (_rest.Length < 2)
            throw Truncated();
        var value = BinaryPrimitives.ReadUInt16BigEndian(_rest);
        _rest = _rest[2..];
        return value;
    }

    public uint UInt32()
    {
        if (_rest.Length < 4)
            throw Truncated();
        var value = BinaryPrimitives.ReadUInt32BigEndian(_rest);
        _rest = _rest[4..];
        return value;
    }

    /// <summary>A variable byte integer, written as short as can be (MQTT 5.0, 1.5.5).</summary>
    public int VarInt()
    {
        var value = 0;
        for (var i = 0; i < 4; i++)
        {
            var part = Byte();
            value |= (part & 0x7F) << (7 * i);
            if (part < 0x80)
                return i > 0 && part == 0
                    ? throw new MqttProtocolException(ReasonCode.MalformedPacket, "a number longer than it needs be")
                    : value;
        }

        throw new MqttProtocolException(ReasonCode.MalformedPacket, "a number of more than four bytes");
    }

    public ReadOnlySpan<byte> Take(int length)
    {
        if (_rest.Length < length)
            throw Truncated();
        var part = _rest[..length];
        _rest = _rest[length..];
        return part;
    }

    /// <summary>Bytes with their length before them.</summary>
    public ReadOnlySpan<byte> Data() => Take(UInt16());

    /// <summary>A text as UTF-8, which must be valid and without null characters (MQTT 5.0, 1.5.4).</summary>
    public ReadOnlySpan<byte> Utf8Text()
    {
        var text = Data();
        if (!Utf8.IsValid(text) || text.Contains((byte)0))
            throw new MqttProtocolException(ReasonCode.MalformedPacket, "a text that is not UTF-8, or with a null");
        return text;
    }

    public string Text() => Encoding.UTF8.GetString(Utf8Text());

    /// <summary>The number of a packet, which is never 0 (MQTT 5.0, 2.2.1).</summary>
    public ushort PacketId() => UInt16() is var id && id != 0
        ? id
        : throw new MqttProtocolException(ReasonCode.ProtocolError, "the packet id 0");

    public readonly void End()
    {
        if (!_rest.IsEmpty)
            throw new MqttProtocolException(ReasonCode.MalformedPacket, $"{_rest.Length} bytes after the packet's end");
    }

    private static MqttProtocolException Truncated() =>
        new(ReasonCode.MalformedPacket, "the packet ends before its parts do");
}
