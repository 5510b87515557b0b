using System.Buffers.Binary;
using Cep.Events;

namespace Cep.Detection;

/// <summary>
/// Keys under small numbers: an open-addressing hash table over keys that lie one behind the other in one array, so
/// that a key costs its bytes and 14 more, and a new one allocates nothing by itself.
/// </summary>
internal sealed class KeyStore
{
    /// <summary>The start of a key that is no longer there.</summary>
    private const int Gone = -1;

    /// <summary>From this size on the keys' bytes grow by a quarter, which wastes less than doubling.</summary>
    private const int GentleGrowth = 1 << 20;

    private int[] _table = new int[64];

    /// <summary>Some bits of each key's hash, so that other keys are hardly ever compared.</summary>
    private byte[] _tags = new byte[16];
    private int[] _starts = new int[16];

    /// <summary>Each key behind its length: one byte, or 255 and four.</summary>
    private byte[] _bytes = new byte[256];
    private int _end;
    private int _garbage;
    private int[] _free = new int[16];
    private int _freeCount;

    /// <summary>One more than the largest number in use.</summary>
    public int Limit { get; private set; }

    public int Count => Limit - _freeCount;

    public bool IsLive(int slot) => _starts[slot] != Gone;

    public ReadOnlySpan<byte> KeyOf(int slot)
    {
        var (start, length) = Place(_starts[slot]);
        return _bytes.AsSpan(start, length);
    }

    /// <summary>The number of a key, a new one for a new key.</summary>
    /// <param name="key">The key's bytes.</param>
    /// <param name="hash">Their <see cref="StringPool.Hash"/>.</param>
    public int SlotOf(ReadOnlySpan<byte> key, ulong hash)
    {
        var mask = _table.Length - 1;
        var at = (int)hash & mask;
        for (; _table[at] != 0; at = (at + 1) & mask)
        {
            var slot = _table[at] - 1;
            if (_tags[slot] == TagOf(hash) && KeyOf(slot).SequenceEqual(key))
                return slot;
        }

        return Insert(key, hash, at);
    }

    public void Remove(int slot)
    {
        var mask = _table.Length - 1;
        var hole = (int)HashOf(slot) & mask;
        while (_table[hole] - 1 != slot)
            hole = (hole + 1) & mask;
        _table[hole] = 0;

        // entries behind the hole that belong before it move up, so that no search ends too early
        for (var at = (hole + 1) & mask; _table[at] != 0; at = (at + 1) & mask)
        {
            var home = (int)HashOf(_table[at] - 1) & mask;
            if (((at - home) & mask) < ((at - hole) & mask))
                continue;
            _table[hole] = _table[at];
            _table[at] = 0;
            hole = at;
        }

        _garbage += Stored(KeyOf(slot).Length);
        _starts[slot] = Gone;
        if (_freeCount == _free.Length)
            Array.Resize(ref _free, _freeCount * 2);
        _free[_freeCount++] = slot;
    }

    private int Insert(ReadOnlySpan<byte> key, ulong hash, int at)
    {
        if (_end + Stored(key.Length) > _bytes.Length)
            MakeRoom(Stored(key.Length));
        var slot = _freeCount > 0 ? _free[--_freeCount] : Limit++;
        if (slot == _starts.Length)
        {
            Array.Resize(ref _tags, slot * 2);
            Array.Resize(ref _starts, slot * 2);
        }

        (_tags[slot], _starts[slot]) = (TagOf(hash), _end);
        _end = Write(_bytes, _end, key);
        _table[at] = slot + 1;
        if (Count * 2 > _table.Length)
            Grow();
        return slot;
    }

    private ulong HashOf(int slot) => StringPool.Hash(KeyOf(slot));

    private static byte TagOf(ulong hash) => (byte)(hash >> 56);

    /// <summary>The bytes of a key with its length.</summary>
    private static int Stored(int length) => length + (length < byte.MaxValue ? 1 : 1 + sizeof(int));

    private (int Start, int Length) Place(int at) => _bytes[at] is < byte.MaxValue and var length
        ? (at + 1, length)
        : (at + 1 + sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(at + 1)));

    private static int Write(byte[] bytes, int at, ReadOnlySpan<byte> key)
    {
        bytes[at++] = (byte)Math.Min(key.Length, byte.MaxValue);
        if (key.Length >= byte.MaxValue)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), key.Length);
            at += sizeof(int);
        }

        key.CopyTo(bytes.AsSpan(at));
        return at + key.Length;
    }

    private void Grow()
    {
        var table = new int[_table.Length * 2];
        var mask = table.Length - 1;
        for (var slot = 0; slot < Limit; slot++)
        {
            if (!IsLive(slot))
                continue;
            var at = (int)HashOf(slot) & mask;
            while (table[at] != 0)
                at = (at + 1) & mask;
            table[at] = slot + 1;
        }

        _table = table;
    }

    private void MakeRoom(int length)
    {
        var live = _end - _garbage;
        var grown = _bytes.Length + (_bytes.Length < GentleGrowth ? _bytes.Length : _bytes.Length / 4);
        var bytes = new byte[Math.Max(live + length, _garbage > live ? _bytes.Length : grown)];
        var end = 0;
        for (var slot = 0; slot < Limit; slot++)
        {
            if (!IsLive(slot))
                continue;
            var start = end;
            end = Write(bytes, end, KeyOf(slot));
            _starts[slot] = start;
        }

        (_bytes, _end, _garbage) = (bytes, end, 0);
    }
}
