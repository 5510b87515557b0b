using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Cep.Events;

/// <summary>
/// The distinct strings of a column, each under a small code that stays the same for the pool's life, so that equality
/// is one comparison of integers and whatever depends on the string alone is worked out once for each code.
/// </summary>
/// <remarks>
/// One thread adds; others may read the codes of batches that were handed to them, because entries live in chunks that
/// never move, and an outgrown list of chunks still lists all of those. A decoder replaces a pool that is
/// <see cref="IsFull"/> by a new one; batches keep the one they were made with.
/// </remarks>
public sealed class StringPool
{
    private const int ChunkBits = 12;
    private const int ChunkSize = 1 << ChunkBits;
    private const int ManyTexts = 980_000;
    private const int BlockSize = 1 << 14;
    private const long MaxBytes = 64L << 20;

    private string?[][] _texts = new string?[16][];
    private Place[][] _places = new Place[16][];
    private byte[] _block = [];
    private int _blockEnd;
    private int[] _table = new int[1024];
    private ulong[] _hashes = new ulong[512];
    private long _bytes;

    /// <summary>Where the bytes of a text lie: blocks never move, so readers need no lock.</summary>
    private readonly record struct Place(byte[] Block, int Start, int Length);

    /// <summary>The number of codes given out: 0 … Count - 1.</summary>
    public int Count { get; private set; }

    /// <summary>True when the pool should be replaced by a fresh one before the next batch is begun.</summary>
    public bool IsFull => Count >= ManyTexts || _bytes >= MaxBytes;

    /// <summary>The text of a code.</summary>
    public string this[int code] => _texts[code >> ChunkBits][code & (ChunkSize - 1)] ?? Materialize(code);

    /// <summary>The text of a code as UTF-8.</summary>
    public ReadOnlySpan<byte> Utf8(int code)
    {
        ref var place = ref _places[code >> ChunkBits][code & (ChunkSize - 1)];
        return place.Block.AsSpan(place.Start, place.Length);
    }

    /// <summary>The code of a text, which is added if it is new.</summary>
    public int Add(string text)
    {
        Span<byte> buffer = stackalloc byte[256];
        var bytes = Encoding.UTF8.GetMaxByteCount(text.Length) <= buffer.Length
            ? buffer[..Encoding.UTF8.GetBytes(text, buffer)]
            : Encoding.UTF8.GetBytes(text);
        return Add(bytes);
    }

    /// <summary>The code of a text given as UTF-8, which is added if it is new. Allocates for new texts only.</summary>
    public int Add(ReadOnlySpan<byte> utf8)
    {
        var hash = Hash(utf8);
        var at = Find(utf8, hash);
        return _table[at] != 0 ? _table[at] - 1 : Insert(utf8, hash, at);
    }

    /// <summary>The code of a text, or -1 if the pool does not hold it.</summary>
    public int CodeOf(string text)
    {
        ReadOnlySpan<byte> utf8 = Encoding.UTF8.GetBytes(text);
        return _table[Find(utf8, Hash(utf8))] - 1;
    }

    /// <summary>A 64-bit hash that is the same in every run: a multiply-and-fold over 8-byte words.</summary>
    public static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var h = 0x9E3779B97F4A7C15UL ^ (ulong)bytes.Length;
        while (bytes.Length > 8)
        {
            h = Fold(h ^ MemoryMarshal.Read<ulong>(bytes), 0xD6E8FEB86659FD93UL);
            bytes = bytes[8..];
        }

        return Fold(h ^ Tail(bytes), 0xA0761D6478BD642FUL);
    }

    private static ulong Tail(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 8)
            return MemoryMarshal.Read<ulong>(bytes);
        if (bytes.Length >= 4)
            return MemoryMarshal.Read<uint>(bytes) | (ulong)MemoryMarshal.Read<uint>(bytes[^4..]) << 32;
        ulong tail = 0;
        for (var i = 0; i < bytes.Length; i++)
            tail |= (ulong)bytes[i] << (8 * i);
        return tail;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }

    private int Find(ReadOnlySpan<byte> utf8, ulong hash)
    {
        var mask = _table.Length - 1;
        for (var at = (int)hash & mask; ; at = (at + 1) & mask)
        {
            var code = _table[at] - 1;
            if (code < 0 || (_hashes[code] == hash && Utf8(code).SequenceEqual(utf8)))
                return at;
        }
    }

    private int Insert(ReadOnlySpan<byte> utf8, ulong hash, int at)
    {
        var code = Count;
        if ((code & (ChunkSize - 1)) == 0)
            AddChunk(code >> ChunkBits);

        _places[code >> ChunkBits][code & (ChunkSize - 1)] = Keep(utf8);
        _bytes += utf8.Length + 48;
        if (code == _hashes.Length)
            Array.Resize(ref _hashes, code * 2);
        _hashes[code] = hash;
        _table[at] = code + 1;
        Count = code + 1;
        if (Count * 2 > _table.Length)
            Grow();
        return code;
    }

    private void AddChunk(int chunk)
    {
        if (chunk == _texts.Length)
        {
            Array.Resize(ref _texts, chunk * 2);
            Array.Resize(ref _places, chunk * 2);
        }

        _texts[chunk] = new string?[ChunkSize];
        _places[chunk] = new Place[ChunkSize];
    }

    private Place Keep(ReadOnlySpan<byte> utf8)
    {
        if (_block.Length - _blockEnd < utf8.Length)
        {
            _block = new byte[Math.Max(BlockSize, utf8.Length)];
            _blockEnd = 0;
        }

        var place = new Place(_block, _blockEnd, utf8.Length);
        utf8.CopyTo(_block.AsSpan(_blockEnd));
        _blockEnd += utf8.Length;
        return place;
    }

    private void Grow()
    {
        var table = new int[_table.Length * 2];
        for (var code = 0; code < Count; code++)
        {
            var at = (int)_hashes[code] & (table.Length - 1);
            while (table[at] != 0)
                at = (at + 1) & (table.Length - 1);
            table[at] = code + 1;
        }

        _table = table;
    }

    private string Materialize(int code) =>
        _texts[code >> ChunkBits][code & (ChunkSize - 1)] = Encoding.UTF8.GetString(Utf8(code));
}
