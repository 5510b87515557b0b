using System.Buffers;

namespace Cep.Mqtt.Codec;

/// <summary>Where a packet begins and ends (MQTT 5.0, 2.1).</summary>
internal static class Frame
{
    /// <summary>A packet's type and length take at most so many bytes.</summary>
    public const int MaxHeader = 5;

    /// <summary>Reads the fixed header.</summary>
    /// <param name="bytes">The packet and what follows it, or its beginning.</param>
    /// <param name="maxPacketBytes">A longer packet is a protocol error, before it has come.</param>
    /// <param name="strict">Whether the length must be as short as can be, as MQTT 5.0 has it.</param>
    /// <param name="header">The bytes of type and length.</param>
    /// <param name="total">The bytes of the whole packet.</param>
    /// <returns>False where the header is not all there.</returns>
    public static bool TryHeader(
        ReadOnlySpan<byte> bytes, int maxPacketBytes, bool strict, out int header, out int total)
    {
        var length = 0;
        for (header = 1; header < MaxHeader; header++)
        {
            if (header >= bytes.Length)
            {
                total = 0;
                return false;
            }

            var part = bytes[header];
            length |= (part & 0x7F) << (7 * (header - 1));
            if (part >= 0x80)
                continue;
            if (strict && part == 0 && header > 1)
                throw new MqttProtocolException(ReasonCode.MalformedPacket, "a length longer than it needs be");
            total = ++header + length;
            if (total > maxPacketBytes)
                throw new MqttProtocolException(
                    ReasonCode.PacketTooLarge, $"a packet of {total} bytes, at most {maxPacketBytes} are taken");
            return true;
        }

        throw new MqttProtocolException(ReasonCode.MalformedPacket, "a length of more than four bytes");
    }

    /// <summary>The same where the bytes are in several pieces.</summary>
    public static bool TryHeader(
        in ReadOnlySequence<byte> bytes, int maxPacketBytes, bool strict, out int header, out int total)
    {
        Span<byte> head = stackalloc byte[MaxHeader];
        var beginning = bytes.Slice(0, Math.Min(bytes.Length, MaxHeader));
        beginning.CopyTo(head);
        return TryHeader(head[..(int)beginning.Length], maxPacketBytes, strict, out header, out total);
    }
}
