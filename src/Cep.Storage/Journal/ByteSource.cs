using System.Buffers.Binary;
using System.Text;

namespace Cep.Storage.Journal;

/// <summary>Reads what <see cref="ByteSink"/> wrote.</summary>
/// <remarks>All members throw <see cref="InvalidDataException"/> where the bytes end too early.</remarks>
internal ref struct ByteSource(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly int Left => _rest.Length;

    public ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)_rest.Length)
            throw new InvalidDataException("The record ends too early.");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    public byte Byte() => Take(1)[0];

    public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public int Count()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var b = Byte();
            value |= (uint)(b & 0x7F) << shift;
            if (b < 0x80)
                return value <= int.MaxValue ? (int)value : throw new InvalidDataException("A count is too large.");
        }

        throw new InvalidDataException("A count has no end.");
    }

    public string Text() => Encoding.UTF8.GetString(Take(Count()));

    public ReadOnlySpan<byte> Part() => Take(BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
}
