using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cep.Connectors.Formats;

/// <summary>
/// Steps over JSON text that a line feed ends and at least <see cref="IEventDecoder.Padding"/> bytes follow.
/// </summary>
internal static unsafe class JsonText
{
    private const uint Null = 0x6C6C756E;
    private const uint True = 0x65757274;
    private const uint Alse = 0x65736C61;

    public static byte* SkipBlanks(byte* p)
    {
        while (*p is (byte)' ' or (byte)'\t' or (byte)'\r')
            p++;
        return p;
    }

    /// <summary>The first quote, backslash or control character from <paramref name="p"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* EndOfPlainText(byte* p)
    {
        while (true)
        {
            var bytes = Vector128.Load(p);
            var stops = Vector128.Equals(bytes, Vector128.Create((byte)'"'))
                | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
                | Vector128.Equals(bytes, Vector128.Min(bytes, Vector128.Create((byte)0x1F)));
            var bits = stops.ExtractMostSignificantBits();
            if (bits != 0)
                return p + System.Numerics.BitOperations.TrailingZeroCount(bits);
            p += 16;
        }
    }

    /// <summary>Steps over <c>null</c>; null where it is something else.</summary>
    public static byte* SkipNull(byte* p) => *(uint*)p == Null ? p + 4 : null;

    /// <summary>Steps over <c>true</c> or <c>false</c>; null where it is something else.</summary>
    public static byte* Bool(byte* p, out bool value)
    {
        value = *(uint*)p == True;
        if (value)
            return p + 4;
        return *p == 'f' && *(uint*)(p + 1) == Alse ? p + 5 : null;
    }

    /// <summary>
    /// Steps over a text without escapes, a number, true, false or null; null where it is something else.
    /// </summary>
    public static byte* SkipPlainValue(byte* p)
    {
        switch (*p)
        {
            case (byte)'"':
                var end = EndOfPlainText(p + 1);
                return *end == '"' ? end + 1 : null;
            case (byte)'t' or (byte)'f':
                return Bool(p, out _);
            case (byte)'n':
                return SkipNull(p);
            default:
                return JsonNumber.Double(p, out _);
        }
    }
}
