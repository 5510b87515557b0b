using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>
/// Remembers the codes that a pool gave to short texts, in one cache line each: the pool itself needs several.
/// Texts of more than 16 bytes go straight to the pool.
/// </summary>
internal sealed unsafe class StringCache
{
    private const int MaxBits = 17;

    private static readonly Vector128<byte>[] Masks = MakeMasks();

    private Slot[] _slots = new Slot[1 << 8];
    private int _shift = 64 - 8;
    private StringPool? _pool;

    private struct Slot
    {
        public ulong Low;
        public ulong High;
        public int Length;
        public int Code;
    }

    /// <summary>The code of a text that 16 readable bytes follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Code(StringPool pool, byte* text, int length)
    {
        if ((uint)(length - 1) > 15 || pool != _pool)
            return Uncached(pool, text, length);
        var bytes = (Vector128.Load(text) & Masks[length]).AsUInt64();
        var low = bytes.GetElement(0);
        var high = bytes.GetElement(1);
        ref var slot = ref _slots[(int)(Hash(low, high) >> _shift)];
        return slot.Low == low && slot.High == high && slot.Length == length
            ? slot.Code
            : Missing(pool, text, length, ref slot);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Hash(ulong low, ulong high)
    {
        var h = (low ^ (high * 0xC2B2AE3D27D4EB4F)) * 0x9E3779B97F4A7C15;
        return (h ^ (h >> 32)) * 0xD6E8FEB86659FD93;
    }

    private int Missing(StringPool pool, byte* text, int length, ref Slot slot)
    {
        var code = pool.Add(new ReadOnlySpan<byte>(text, length));
        var bytes = (Vector128.Load(text) & Masks[length]).AsUInt64();
        slot = new Slot { Low = bytes.GetElement(0), High = bytes.GetElement(1), Length = length, Code = code };
        if (pool.Count > _slots.Length && _shift > 64 - MaxBits)
        {
            _shift -= 2;
            _slots = new Slot[_slots.Length * 4];
        }

        return code;
    }

    private int Uncached(StringPool pool, byte* text, int length)
    {
        if (pool != _pool)
        {
            _pool = pool;
            Array.Clear(_slots);
        }

        return pool.Add(new ReadOnlySpan<byte>(text, length));
    }

    private static Vector128<byte>[] MakeMasks()
    {
        var masks = new Vector128<byte>[17];
        for (var length = 0; length <= 16; length++)
            for (var i = 0; i < length; i++)
                masks[length] = masks[length].WithElement(i, (byte)0xFF);
        return masks;
    }
}
