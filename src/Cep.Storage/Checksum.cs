using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Cep.Storage;

/// <summary>CRC-32C of whatever is appended: finds every burst of up to 32 wrong bits.</summary>
public struct Checksum()
{
    private uint _crc = uint.MaxValue;

    public readonly uint Value => ~_crc;

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var sum = new Checksum();
        sum.Append(bytes);
        return sum.Value;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            _crc = BitOperations.Crc32C(_crc, word);
        foreach (var b in bytes[(words.Length * 8)..])
            _crc = BitOperations.Crc32C(_crc, b);
    }

    public void Append(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Append(bytes);
    }

    public void Append(string text)
    {
        Append(text.Length);
        Append(Encoding.UTF8.GetBytes(text));
    }

    public static uint Of(JournalRecord record)
    {
        var sum = new Checksum();
        sum.Append(record.Sequence);
        sum.Append(record.Kind);
        sum.Append(record.Stream);
        sum.Append(record.FirstPosition);
        sum.Append(record.Events);
        sum.Append(record.KeptMs);
        sum.Append(record.FirstMs);
        sum.Append(record.LastMs);
        sum.Append(record.Body.Span);
        return sum.Value;
    }
}
