using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Cep.Detection;

/// <summary>Hints at memory that will be read soon. They change nothing but the time it takes.</summary>
internal static class Prefetch
{
    /// <summary>The cache line of a value. Where the processor has no such hint it does nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Line<T>(ref readonly T value)
    {
        // should the array move meanwhile, the hint is wasted: nothing is read through the pointer
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in value)));
    }
}
