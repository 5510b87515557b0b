using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>
/// Looks up the codes of a column's texts. It remembers those of short texts in one cache line each, where the pool
/// needs several; and it can put look-ups off and then do many at once, so that their cache misses overlap.
/// </summary>
internal sealed unsafe class StringCache
{
    private const int MaxBits = 18;
    private const int ShortLength = 16;
    private const int LengthBits = 5;
    private const int MaxOffset = 1 << (31 - LengthBits);
    private const int Ahead = 8;

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

    /// <summary>
    /// The code of a text, or a negative number that <see cref="Resolve"/> turns into it, for which the text must stay
    /// at its place in <paramref name="input"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Defer(StringPool pool, byte* input, byte* text, int length)
    {
        var offset = text - input;
        return length <= ShortLength && offset < MaxOffset
            ? ~((int)offset << LengthBits | length)
            : pool.Add(new ReadOnlySpan<byte>(text, length));
    }

    /// <summary>
    /// Puts the codes in the place of what <see cref="Defer"/> gave. 16 bytes must be readable after every text.
    /// </summary>
    // compiled fully at its first call, as in the decoder's loop
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Resolve(StringPool pool, byte* input, Span<int> codes)
    {
        if (pool != _pool)
        {
            _pool = pool;
            Array.Clear(_slots);
        }

        for (var i = 0; i < codes.Length; i++)
        {
            if (Sse.IsSupported && i + Ahead < codes.Length && codes[i + Ahead] < 0)
                Prefetch(input, ~codes[i + Ahead]);
            if (codes[i] < 0)
                codes[i] = Code(pool, input, ~codes[i]);
        }
    }

    private void Prefetch(byte* input, int deferred)
    {
        var (low, high) = Load(input, deferred);
        ref var slot = ref _slots[(int)(Hash(low, high) >> _shift)];
        Sse.Prefetch0(Unsafe.AsPointer(ref slot));
    }

    private int Code(StringPool pool, byte* input, int deferred)
    {
        var (low, high) = Load(input, deferred);
        var length = deferred & ((1 << LengthBits) - 1);
        ref var slot = ref _slots[(int)(Hash(low, high) >> _shift)];

        // the slot's length is one more than the text's, so that an empty slot is no empty text
        if (slot.Low == low && slot.High == high && slot.Length == length + 1)
            return slot.Code;
        var code = pool.Add(new ReadOnlySpan<byte>(input + (deferred >> LengthBits), length));
        slot = new Slot { Low = low, High = high, Length = length + 1, Code = code };
        if (pool.Count > _slots.Length && _shift > 64 - MaxBits)
        {
            _shift -= 2;
            _slots = new Slot[_slots.Length * 4];
        }

        return code;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (ulong Low, ulong High) Load(byte* input, int deferred)
    {
        var text = Vector128.Load(input + (deferred >> LengthBits));
        var bytes = (text & Masks[deferred & ((1 << LengthBits) - 1)]).AsUInt64();
        return (bytes.GetElement(0), bytes.GetElement(1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Hash(ulong low, ulong high)
    {
        var h = (low ^ (high * 0xC2B2AE3D27D4EB4F)) * 0x9E3779B97F4A7C15;
        return (h ^ (h >> 32)) * 0xD6E8FEB86659FD93;
    }

    private static Vector128<byte>[] MakeMasks()
    {
        var masks = new Vector128<byte>[ShortLength + 1];
        for (var length = 0; length <= ShortLength; length++)
            for (var i = 0; i < length; i++)
                masks[length] = masks[length].WithElement(i, (byte)0xFF);
        return masks;
    }
}
