using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Cep.Storage.Journal;

/// <summary>A growing array that numbers and texts are written into, little-endian. One thread.</summary>
internal sealed class ByteSink : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[4096];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>The next bytes, as written already: they hold whatever was there.</summary>
    public Span<byte> Take(int count)
    {
        var span = Room(count)[..count];
        Length += count;
        return span;
    }

    public void Byte(byte value) => Take(1)[0] = value;

    public void Long(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);

    /// <summary>A number that is not negative, 7 bits a byte.</summary>
    public void Count(int value)
    {
        var rest = (uint)value;
        for (; rest >= 0x80; rest >>= 7)
            Byte((byte)(rest | 0x80));
        Byte((byte)rest);
    }

    public void Text(string value)
    {
        Count(Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, Take(Encoding.UTF8.GetByteCount(value)));
    }

    /// <summary>Begins a part whose length stands before it; <see cref="EndPart"/> fills the length in.</summary>
    public int BeginPart()
    {
        Take(4);
        return Length;
    }

    public void EndPart(int start) =>
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(start - 4), Length - start);

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Room(Math.Max(1, sizeHint));
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => Room(Math.Max(1, sizeHint));

    private Span<byte> Room(int count)
    {
        if (_bytes.Length - Length < count)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        return _bytes.AsSpan(Length);
    }
}
