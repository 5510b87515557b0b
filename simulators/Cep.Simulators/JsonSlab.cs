using System.Buffers.Text;

namespace Cep.Simulators;

/// <summary>
/// Writes small JSON objects one after another into large arrays that are never used twice, so that an event costs no
/// allocation of its own. Numbers are written from integers: a decimal fraction is exact and the same everywhere.
/// </summary>
internal sealed class JsonSlab
{
    private const int SlabSize = 1 << 16;
    private const int Largest = 1024;
    private const string Hex = "0123456789abcdef";

    private byte[] _slab = new byte[SlabSize];
    private int _start;
    private int _at;

    public void Begin()
    {
        if (_slab.Length - _at < Largest)
        {
            _slab = new byte[SlabSize];
            _at = 0;
        }

        _start = _at;
        _slab[_at++] = (byte)'{';
    }

    public ReadOnlyMemory<byte> End()
    {
        _slab[_at - 1] = (byte)'}';
        return _slab.AsMemory(_start, _at - _start);
    }

    /// <param name="name">The name with its quotation marks and colon.</param>
    /// <param name="value">The number.</param>
    public void Integer(ReadOnlySpan<byte> name, long value)
    {
        Put(name);
        PutInteger(value);
        _slab[_at++] = (byte)',';
    }

    /// <summary>Writes <paramref name="scaled"/> / 10^<paramref name="decimals"/>.</summary>
    public void Decimal(ReadOnlySpan<byte> name, long scaled, int decimals)
    {
        Put(name);
        if (scaled < 0)
            _slab[_at++] = (byte)'-';
        var rest = Math.Abs(scaled);
        long unit = 1;
        for (var i = 0; i < decimals; i++)
            unit *= 10;
        PutInteger(rest / unit);
        _slab[_at++] = (byte)'.';
        for (rest %= unit; unit > 1; rest %= unit)
        {
            unit /= 10;
            _slab[_at++] = (byte)('0' + rest / unit);
        }

        _slab[_at++] = (byte)',';
    }

    public void Bool(ReadOnlySpan<byte> name, bool value)
    {
        Put(name);
        Put(value ? "true,"u8 : "false,"u8);
    }

    /// <summary>Writes a text that needs no escapes.</summary>
    public void Text(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Put(name);
        _slab[_at++] = (byte)'"';
        Put(value);
        _slab[_at++] = (byte)'"';
        _slab[_at++] = (byte)',';
    }

    /// <summary>Writes 16 hexadecimal digits.</summary>
    public void Id(ReadOnlySpan<byte> name, ulong id)
    {
        Put(name);
        _slab[_at++] = (byte)'"';
        for (var shift = 60; shift >= 0; shift -= 4)
            _slab[_at++] = (byte)Hex[(int)(id >> shift) & 15];
        _slab[_at++] = (byte)'"';
        _slab[_at++] = (byte)',';
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_slab.AsSpan(_at));
        _at += bytes.Length;
    }

    private void PutInteger(long value)
    {
        Utf8Formatter.TryFormat(value, _slab.AsSpan(_at), out var written);
        _at += written;
    }
}
