using System.Buffers.Binary;
using System.Text;
using Cep.Expressions.Evaluation;

namespace Cep.Detection;

/// <summary>The canonical bytes of keys: a tag and the value for each part.</summary>
internal static class KeyBytes
{
    public const byte NullTag = 0;
    private const byte FalseTag = 1;
    private const byte TrueTag = 2;
    private const byte LongTag = 3;
    private const byte DoubleTag = 4;
    private const byte TextTag = 5;
    private const byte OtherTag = 6;

    public static void Append(ref byte[] buffer, ref int length, Eval part, Frame frame)
    {
        switch (part)
        {
            case Eval<long> x when x.TryGet(frame, out var value):
                AppendNumber(ref buffer, ref length, LongTag, value);
                break;
            case Eval<string> x when x.TryGet(frame, out var value):
                AppendText(ref buffer, ref length, Encoding.UTF8.GetBytes(value));
                break;
            default:
                AppendValue(ref buffer, ref length, part.Box(frame));
                break;
        }
    }

    public static void AppendText(ref byte[] buffer, ref int length, ReadOnlySpan<byte> utf8, bool other = false)
    {
        Reserve(ref buffer, length + utf8.Length + 6);
        buffer[length++] = other ? OtherTag : TextTag;
        var rest = (uint)utf8.Length;
        for (; rest >= 0x80; rest >>= 7)
            buffer[length++] = (byte)(rest | 0x80);
        buffer[length++] = (byte)rest;
        utf8.CopyTo(buffer.AsSpan(length));
        length += utf8.Length;
    }

    public static object?[] Decode(ReadOnlySpan<byte> key, int parts)
    {
        var values = new object?[parts];
        for (var i = 0; i < values.Length; i++)
        {
            var tag = key[0];
            key = key[1..];
            switch (tag)
            {
                case FalseTag or TrueTag:
                    values[i] = tag == TrueTag;
                    break;
                case LongTag:
                    values[i] = BinaryPrimitives.ReadInt64LittleEndian(key);
                    key = key[8..];
                    break;
                case DoubleTag:
                    values[i] = BinaryPrimitives.ReadDoubleLittleEndian(key);
                    key = key[8..];
                    break;
                case TextTag or OtherTag:
                    var length = ReadLength(ref key);
                    values[i] = Encoding.UTF8.GetString(key[..length]);
                    key = key[length..];
                    break;
                default:
                    break;
            }
        }

        return values;
    }

    /// <summary>Takes a length off the front: 7 bits a byte, so that short texts spend one on it.</summary>
    private static int ReadLength(ref ReadOnlySpan<byte> key)
    {
        var length = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = key[0];
            key = key[1..];
            length |= (part & 0x7F) << shift;
            if (part < 0x80)
                return length;
        }
    }

    private static void AppendValue(ref byte[] buffer, ref int length, object? value)
    {
        Reserve(ref buffer, length + 1);
        switch (value)
        {
            case null:
                buffer[length++] = NullTag;
                break;
            case bool b:
                buffer[length++] = b ? TrueTag : FalseTag;
                break;
            case long n:
                AppendNumber(ref buffer, ref length, LongTag, n);
                break;
            case double d:
                AppendNumber(ref buffer, ref length, DoubleTag, BitConverter.DoubleToInt64Bits(d == 0 ? 0 : d));
                break;
            case string s:
                AppendText(ref buffer, ref length, Encoding.UTF8.GetBytes(s));
                break;
            default:
                AppendText(ref buffer, ref length, Encoding.UTF8.GetBytes(AnyValue.Text(value)), other: true);
                break;
        }
    }

    private static void AppendNumber(ref byte[] buffer, ref int length, byte tag, long value)
    {
        Reserve(ref buffer, length + 9);
        buffer[length++] = tag;
        BinaryPrimitives.WriteInt64LittleEndian(buffer.AsSpan(length), value);
        length += 8;
    }

    private static void Reserve(ref byte[] buffer, int length)
    {
        if (length > buffer.Length)
            Array.Resize(ref buffer, Math.Max(length, buffer.Length * 2));
    }
}
