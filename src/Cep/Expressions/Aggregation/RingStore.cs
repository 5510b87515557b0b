using System.Numerics;
using System.Runtime.CompilerServices;
using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>
/// A queue of (time, value) for each group, all in two shared arrays: a group's ring is a block of a power of two that
/// moves to a larger block when it is full and goes back to a free list when it is let go.
/// </summary>
internal sealed class RingStore<T>
{
    private Header[] _rings = new Header[16];
    private long[] _times = new long[64];
    private readonly bool _hasValues = typeof(T) != typeof(NoValue);
    private T[] _values = new T[typeof(T) != typeof(NoValue) ? 64 : 0];
    private readonly int[] _free = new int[32];
    private int _used = 1;

    private struct Header
    {
        public int Offset;
        public int Mask;
        public int Head;
        public int Count;
    }

    /// <summary>The bytes of a group's ring without its entries.</summary>
    public static int HeaderBytes => Unsafe.SizeOf<Header>();

    public int Count(int group) => group < _rings.Length ? _rings[group].Count : 0;

    public long TimeAt(int group, int index)
    {
        ref var ring = ref _rings[group];
        return _times[ring.Offset + ((ring.Head + index) & ring.Mask)];
    }

    public T ValueAt(int group, int index)
    {
        ref var ring = ref _rings[group];
        return _values[ring.Offset + ((ring.Head + index) & ring.Mask)];
    }

    /// <summary>The oldest value, or the default where the ring holds times alone.</summary>
    public T FirstValue(int group) => _hasValues ? ValueAt(group, 0) : default!;

    public void Push(int group, long time, T value)
    {
        if (group >= _rings.Length)
            Array.Resize(ref _rings, Math.Max(group + 1, _rings.Length * 2));
        ref var ring = ref _rings[group];
        if (ring.Offset == 0 || ring.Count > ring.Mask)
            Grow(ref ring);
        var at = ring.Offset + ((ring.Head + ring.Count++) & ring.Mask);
        _times[at] = time;
        if (_hasValues)
            _values[at] = value;
    }

    /// <summary>Adds a value where its time belongs: behind those of the same time.</summary>
    public void Insert(int group, long time, T value)
    {
        Push(group, time, value);
        ref var ring = ref _rings[group];
        for (var i = ring.Count - 1; i > 0; i--)
        {
            var at = ring.Offset + ((ring.Head + i) & ring.Mask);
            var before = ring.Offset + ((ring.Head + i - 1) & ring.Mask);
            if (_times[before] <= time)
                return;
            (_times[at], _times[before]) = (_times[before], _times[at]);
            if (_hasValues)
                (_values[at], _values[before]) = (_values[before], _values[at]);
        }
    }

    public void PopFirst(int group)
    {
        ref var ring = ref _rings[group];
        if (_hasValues && RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            _values[ring.Offset + (ring.Head & ring.Mask)] = default!;
        ring.Head = (ring.Head + 1) & ring.Mask;
        ring.Count--;
    }

    public void PopLast(int group) => _rings[group].Count--;

    /// <summary>Empties the group's ring and gives its block back.</summary>
    public void Release(int group)
    {
        if (group >= _rings.Length)
            return;
        ref var ring = ref _rings[group];
        if (ring.Offset != 0)
            Free(ring.Offset, ring.Mask + 1);
        ring = default;
    }

    public void Save(StateWriter writer, int group, Action<StateWriter, T> value)
    {
        var count = Count(group);
        writer.Int(count);
        for (var i = 0; i < count; i++)
        {
            writer.Long(TimeAt(group, i));
            if (_hasValues)
                value(writer, ValueAt(group, i));
        }
    }

    public void Load(StateReader reader, int group, Func<StateReader, T> value)
    {
        Release(group);
        for (var n = reader.Count(); n > 0; n--)
        {
            var time = reader.Long();
            Push(group, time, _hasValues ? value(reader) : default!);
        }
    }

    private void Grow(ref Header ring)
    {
        var size = ring.Offset == 0 ? 2 : (ring.Mask + 1) * 2;
        var offset = Allocate(size);
        for (var i = 0; i < ring.Count; i++)
        {
            var from = ring.Offset + ((ring.Head + i) & ring.Mask);
            _times[offset + i] = _times[from];
            if (_hasValues)
                _values[offset + i] = _values[from];
        }

        if (ring.Offset != 0)
            Free(ring.Offset, ring.Mask + 1);
        ring.Offset = offset;
        ring.Mask = size - 1;
        ring.Head = 0;
    }

    /// <summary>
    /// A block from the free list of its size (linked through the first time of each block), or from the end.
    /// </summary>
    private int Allocate(int size)
    {
        var bucket = BitOperations.Log2((uint)size);
        var offset = _free[bucket];
        if (offset != 0)
        {
            _free[bucket] = (int)_times[offset];
            return offset;
        }

        offset = _used;
        _used += size;
        if (_used > _times.Length)
        {
            var length = Math.Max(_used, _times.Length * 2);
            Array.Resize(ref _times, length);
            if (_hasValues)
                Array.Resize(ref _values, length);
        }

        return offset;
    }

    private void Free(int offset, int size)
    {
        if (_hasValues && RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            Array.Clear(_values, offset, size);
        var bucket = BitOperations.Log2((uint)size);
        _times[offset] = _free[bucket];
        _free[bucket] = offset;
    }
}

/// <summary>The value of rings that hold times alone.</summary>
internal readonly struct NoValue;
