namespace Cep.Detection.Patterns;

/// <summary>
/// Values of one kind by number: numbers are given out and taken back through a free list. 0 is none of them.
/// </summary>
internal sealed class Slab<T>
    where T : struct
{
    private T[] _items = new T[16];
    private int[] _free = new int[16];
    private int _freeCount;
    private int _used = 1;

    public ref T this[int index] => ref _items[index];

    public int Count => _used - 1 - _freeCount;

    public int Take()
    {
        if (_freeCount > 0)
            return _free[--_freeCount];
        if (_used == _items.Length)
            Array.Resize(ref _items, _used * 2);
        return _used++;
    }

    public void Give(int index)
    {
        if (_freeCount == _free.Length)
            Array.Resize(ref _free, _freeCount * 2);
        _items[index] = default;
        _free[_freeCount++] = index;
    }

    /// <summary>Takes all back.</summary>
    public void Clear()
    {
        Array.Clear(_items, 0, _used);
        (_used, _freeCount) = (1, 0);
    }
}
