using System.Runtime.InteropServices;
using System.Text;

namespace Cep.Benchmarks.Hand;

/// <summary>Strings for UTF-8, made once each: names of up to eight bytes are found by comparing integers.</summary>
internal sealed class Utf8Names
{
    private readonly Dictionary<string, string> _long = [];
    private (ulong Bytes, string? Text)[] _table = new (ulong, string?)[1 << 18];
    private int _count;

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > 8)
        {
            var text = Encoding.UTF8.GetString(utf8);
            return _long.TryGetValue(text, out var known) ? known : _long[text] = text;
        }

        var bytes = Pack(utf8);
        for (var at = Slot(bytes); ; at = (at + 1) & (_table.Length - 1))
        {
            ref var entry = ref _table[at];
            if (entry.Bytes == bytes && entry.Text is not null)
                return entry.Text;
            if (entry.Text is null)
                return Insert(bytes, utf8);
        }
    }

    /// <summary>Different for all names of at most eight bytes that do not end in zero bytes.</summary>
    private static ulong Pack(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length >= 4)
        {
            ulong low = MemoryMarshal.Read<uint>(utf8);
            return low | (ulong)MemoryMarshal.Read<uint>(utf8[^4..]) << (8 * (utf8.Length - 4));
        }

        ulong bytes = 0;
        for (var i = 0; i < utf8.Length; i++)
            bytes |= (ulong)utf8[i] << (8 * i);
        return bytes;
    }

    private int Slot(ulong bytes)
    {
        var hash = unchecked(bytes * 0x9E3779B97F4A7C15UL);
        return (int)((hash ^ (hash >> 29)) >> 20) & (_table.Length - 1);
    }

    private string Insert(ulong bytes, ReadOnlySpan<byte> utf8)
    {
        if (++_count * 2 > _table.Length)
            Grow();
        var text = Encoding.UTF8.GetString(utf8);
        _table[Free(bytes)] = (bytes, text);
        return text;
    }

    private int Free(ulong bytes)
    {
        var at = Slot(bytes);
        while (_table[at].Text is not null)
            at = (at + 1) & (_table.Length - 1);
        return at;
    }

    private void Grow()
    {
        var old = _table;
        _table = new (ulong, string?)[old.Length * 2];
        foreach (var entry in old)
            if (entry.Text is not null)
                _table[Free(entry.Bytes)] = entry;
    }
}
