using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Cep.State;

/// <summary>
/// Writes a snapshot: little-endian numbers, variable-length counts, UTF-8 texts, named sections with a version.
/// </summary>
internal sealed class StateWriter(IBufferWriter<byte> output)
{
    /// <summary>Begins a part that only a reader of the same name and version accepts.</summary>
    public void Section(string name, int version)
    {
        Text(name);
        Int(version);
    }

    public void Long(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    public void Double(double value) => Long(BitConverter.DoubleToInt64Bits(value));

    public void Bool(bool value) => Int(value ? 1 : 0);

    /// <summary>A number in 1 to 5 bytes (zigzag, then 7 bits a byte).</summary>
    public void Int(int value)
    {
        var rest = (uint)(value << 1 ^ value >> 31);
        var span = output.GetSpan(5);
        var n = 0;
        for (; rest >= 0x80; rest >>= 7)
            span[n++] = (byte)(rest | 0x80);
        span[n++] = (byte)rest;
        output.Advance(n);
    }

    public void Text(string? value)
    {
        if (value is null)
        {
            Int(-1);
            return;
        }

        Bytes(Encoding.UTF8.GetBytes(value));
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Int(value.Length);
        output.Write(value);
    }

    public void Big(BigInteger? value) => Bytes(value is { } big ? big.ToByteArray() : []);

    /// <summary>A value of any type the language has.</summary>
    public void Value(object? value)
    {
        switch (value)
        {
            case null:
                Int(0);
                break;
            case bool b:
                Int(b ? 2 : 1);
                break;
            case long n:
                Int(3);
                Long(n);
                break;
            case double d:
                Int(4);
                Double(d);
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
}
