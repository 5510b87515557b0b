namespace Cep.Detection;

/// <summary>
/// Keys under small numbers: an open-addressing hash table over keys that lie one behind the other in one array, so
/// that a key costs its bytes and 24 more, and a new one allocates nothing by itself.
/// </summary>
internal sealed class KeyStore
{
    /// <summary>The start of a key that is no longer there.</summary>
    private const int Gone = -1;

    private int[] _table = new int[64];
    private ulong[] _hashes = new ulong[16];
    private int[] _starts = new int[16];
    private int[] _lengths = new int[16];
    private byte[] _bytes = new byte[256];
    private int _end;
    private int _garbage;
    private int[] _free = new int[16];
    private int _freeCount;

    /// <summary>One more than the largest number in use.</summary>
    public int Limit { get; private set; }

    public int Count => Limit - _freeCount;

    public bool IsLive(int slot) => _starts[slot] != Gone;

    public ReadOnlySpan<byte> KeyOf(int slot) => _bytes.AsSpan(_starts[slot], _lengths[slot]);

    /// <summary>The number of a key, a new one for a new key.</summary>
    public int SlotOf(ReadOnlySpan<byte> key, ulong hash)
    {
        var mask = _table.Length - 1;
        var at = (int)hash & mask;
        for (; _table[at] != 0; at = (at + 1) & mask)
        {
            var slot = _table[at] - 1;
            if (_hashes[slot] == hash && KeyOf(slot).SequenceEqual(key))
                return slot;
        }

        return Insert(key, hash, at);
    }

    public void Remove(int slot)
    {
        var mask = _table.Length - 1;
        var hole = (int)_hashes[slot] & mask;
        while (_table[hole] - 1 != slot)
            hole = (hole + 1) & mask;
        _table[hole] = 0;

        // entries behind the hole that belong before it move up, so that no search ends too early
        for (var at = (hole + 1) & mask; _table[at] != 0; at = (at + 1) & mask)
        {
            var home = (int)_hashes[_table[at] - 1] & mask;
            if (((at - home) & mask) < ((at - hole) & mask))
                continue;
            _table[hole] = _table[at];
            _table[at] = 0;
            hole = at;
        }

        _garbage += _lengths[slot];
        _starts[slot] = Gone;
        if (_freeCount == _free.Length)
            Array.Resize(ref _free, _freeCount * 2);
        _free[_freeCount++] = slot;
    }

    private int Insert(ReadOnlySpan<byte> key, ulong hash, int at)
    {
        if (_end + key.Length > _bytes.Length)
            MakeRoom(key.Length);
        var slot = _freeCount > 0 ? _free[--_freeCount] : Limit++;
        if (slot == _starts.Length)
        {
            Array.Resize(ref _hashes, slot * 2);
            Array.Resize(ref _starts, slot * 2);
            Array.Resize(ref _lengths, slot * 2);
        }

        key.CopyTo(_bytes.AsSpan(_end));
        (_hashes[slot], _starts[slot], _lengths[slot]) = (hash, _end, key.Length);
        _end += key.Length;
        _table[at] = slot + 1;
        if (Count * 2 > _table.Length)
            Grow();
        return slot;
    }

    private void Grow()
    {
        var table = new int[_table.Length * 2];
        var mask = table.Length - 1;
        for (var slot = 0; slot < Limit; slot++)
        {
            if (!IsLive(slot))
                continue;
            var at = (int)_hashes[slot] & mask;
            while (table[at] != 0)
                at = (at + 1) & mask;
            table[at] = slot + 1;
        }

        _table = table;
    }

    private void MakeRoom(int length)
    {
        var live = _end - _garbage;
        var bytes = new byte[Math.Max(live + length, _garbage > live ? _bytes.Length : _bytes.Length * 2)];
        var end = 0;
        for (var slot = 0; slot < Limit; slot++)
        {
            if (!IsLive(slot))
                continue;
            KeyOf(slot).CopyTo(bytes.AsSpan(end));
            _starts[slot] = end;
            end += _lengths[slot];
        }

        (_bytes, _end, _garbage) = (bytes, end, 0);
    }
}
