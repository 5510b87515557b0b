using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Cep.State;

/// <summary>Reads what <see cref="StateWriter"/> wrote.</summary>
/// <remarks>All members throw <see cref="InvalidDataException"/> where the bytes are not what is asked for.</remarks>
internal sealed class StateReader(byte[] bytes)
{
    private int _at;

    /// <summary>
    /// Where the columns computed beside stored events were others than they are now: for each of them its place now,
    /// or -1. Null: they are the same.
    /// </summary>
    public int[]? Computed { get; init; }

    public bool AtEnd => _at == bytes.Length;

    /// <summary>Another reader that goes on from here by itself.</summary>
    public StateReader Fork() => new(bytes) { _at = _at };

    public void Section(string name, int version)
    {
        var foundName = Text();
        var foundVersion = Int();
        if (foundName != name || foundVersion != version)
            throw new InvalidDataException(
                $"The state has the section '{foundName}' of version {foundVersion}, "
                + $"where '{name}' of version {version} is expected.");
    }

    public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public double Double() => BitConverter.Int64BitsToDouble(Long());

    public bool Bool() => Int() != 0;

    public int Int()
    {
        uint value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = Take(1)[0];
            value |= (uint)(b & 0x7F) << shift;
            if (b < 0x80)
                return (int)(value >> 1) ^ -(int)(value & 1);
            if (shift > 28)
                throw new InvalidDataException("The state is damaged: a number has no end.");
        }
    }

    /// <summary>
    /// A count of items of which each takes at least one byte, so that a damaged count cannot ask for much memory.
    /// </summary>
    public int Count()
    {
        var count = Int();
        if (count < 0 || count > bytes.Length - _at)
            throw new InvalidDataException("The state is damaged: a count is larger than what follows.");
        return count;
    }

    public string? Text()
    {
        var length = Int();
        return length < 0 ? null : Encoding.UTF8.GetString(Take(length));
    }

    public ReadOnlySpan<byte> Bytes() => Take(Int());

    public BigInteger? Big()
    {
        var big = Bytes();
        return big.Length == 0 ? null : new BigInteger(big);
    }

    public object? Value()
    {
        var kind = Int();
        switch (kind)
        {
            case 0:
                return null;
            case 1 or 2:
                return kind == 2;
            case 3:
                return Long();
            case 4:
                return Double();
            case 5:
                return Text();
            case 6:
                var items = new object?[Count()];
                for (var i = 0; i < items.Length; i++)
                    items[i] = Value();
                return items;
            case 7:
                var members = new Dictionary<string, object?>();
                for (var n = Count(); n > 0; n--)
                    members[Text()!] = Value();
                return members;
            default:
                throw new InvalidDataException($"The state is damaged: there is no value of kind {kind}.");
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > bytes.Length - _at)
            throw new InvalidDataException("The state ends too early.");
        _at += count;
        return bytes.AsSpan(_at - count, count);
    }
}
