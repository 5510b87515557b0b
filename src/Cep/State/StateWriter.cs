using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Cep.State;

/// <summary>
/// Writes a snapshot: little-endian numbers, variable-length counts, UTF-8 texts, named sections with a version.
/// </summary>
/// <param name="output">Where it goes.</param>
/// <param name="buffered">Whether it goes there in large pieces, which is faster; then <see cref="Flush"/> ends
/// it.</param>
internal sealed class StateWriter(IBufferWriter<byte> output, bool buffered = false)
{
    private const int BufferBytes = 1 << 16;
    private byte[] _buffer = buffered ? new byte[BufferBytes] : [];
    private int _length;

    /// <summary>Begins a part that only a reader of the same name and version accepts.</summary>
    public void Section(string name, int version)
    {
        Text(name);
        Int(version);
    }

    public void Long(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Room(8), value);
        Advance(8);
    }

    public void Double(double value) => Long(BitConverter.DoubleToInt64Bits(value));

    public void Bool(bool value) => Int(value ? 1 : 0);

    /// <summary>A number in 1 to 5 bytes (zigzag, then 7 bits a byte).</summary>
    public void Int(int value)
    {
        var rest = (uint)(value << 1 ^ value >> 31);
        var span = Room(5);
        var n = 0;
        for (; rest >= 0x80; rest >>= 7)
            span[n++] = (byte)(rest | 0x80);
        span[n++] = (byte)rest;
        Advance(n);
    }

    public void Text(string? value)
    {
        if (value is null)
        {
            Int(-1);
            return;
        }

        var length = Encoding.UTF8.GetByteCount(value);
        Int(length);
        if (length == 0)
            return;
        Encoding.UTF8.GetBytes(value, Room(length));
        Advance(length);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Int(value.Length);
        if (value.Length == 0)
            return;
        value.CopyTo(Room(value.Length));
        Advance(value.Length);
    }

    public void Big(BigInteger? value) => Bytes(value is { } big ? big.ToByteArray() : []);

    /// <summary>What <see cref="Value(object?)"/> writes for null.</summary>
    public void NullValue() => Int(0);

    /// <summary>What <see cref="Value(object?)"/> writes for a boolean.</summary>
    public void Value(bool value) => Int(value ? 2 : 1);

    /// <summary>What <see cref="Value(object?)"/> writes for a whole number.</summary>
    public void Value(long value)
    {
        Int(3);
        Long(value);
    }

    /// <summary>What <see cref="Value(object?)"/> writes for a number.</summary>
    public void Value(double value)
    {
        Int(4);
        Double(value);
    }

    /// <summary>What <see cref="Value(object?)"/> writes for a text, given as UTF-8.</summary>
    public void Value(ReadOnlySpan<byte> utf8)
    {
        Int(5);
        Bytes(utf8);
    }

    /// <summary>A value of any type the language has.</summary>
    public void Value(object? value)
    {
        switch (value)
        {
            case null:
                NullValue();
                break;
            case bool b:
                Value(b);
                break;
            case long n:
                Value(n);
                break;
            case double d:
                Value(d);
                break;
            case string s:
                Int(5);
                Text(s);
                break;
            case object?[] items:
                Int(6);
                Int(items.Length);
                foreach (var item in items)
                    Value(item);
                break;
            case Dictionary<string, object?> members:
                Int(7);
                Int(members.Count);
                foreach (var (name, member) in members)
                {
                    Text(name);
                    Value(member);
                }

                break;
            default:
                throw new InvalidOperationException($"A value of type {value.GetType().Name} cannot be saved.");
        }
    }

    /// <summary>Hands on what is still in the buffer.</summary>
    public void Flush()
    {
        if (_length > 0)
            output.Write(_buffer.AsSpan(0, _length));
        _length = 0;
    }

    private Span<byte> Room(int count)
    {
        if (!buffered)
            return output.GetSpan(count);
        if (_buffer.Length - _length < count)
        {
            Flush();
            if (_buffer.Length < count)
                _buffer = new byte[count];
        }

        return _buffer.AsSpan(_length);
    }

    private void Advance(int count)
    {
        if (buffered)
            _length += count;
        else
            output.Advance(count);
    }
}
