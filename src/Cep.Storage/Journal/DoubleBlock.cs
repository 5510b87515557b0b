using System.Runtime.InteropServices;

namespace Cep.Storage.Journal;

/// <summary>
/// Numbers as they are, or, where all of them are decimals of few places such as amounts of money, as whole numbers of
/// the smallest unit. Either way the same bits come back.
/// </summary>
internal sealed class DoubleBlock
{
    private const byte Raw = 0xFF;
    private const int Sample = 16;
    private const double MaxWhole = 1L << 53;
    private static readonly double[] Scales = [1, 10, 100, 1_000, 10_000, 1e5, 1e6];
    private long[] _whole = new long[256];

    public void Write(ByteSink to, ReadOnlySpan<double> values)
    {
        if (values.Length == 0)
            return;
        if (_whole.Length < values.Length)
            _whole = new long[values.Length];
        var whole = _whole.AsSpan(0, values.Length);
        var places = Places(values[..Math.Min(Sample, values.Length)], whole);
        if (places < Scales.Length && TryScale(values, Scales[places], whole))
        {
            to.Byte((byte)places);
            LongBlock.Write(to, whole);
            return;
        }

        to.Byte(Raw);
        MemoryMarshal.AsBytes(values).CopyTo(to.Take(values.Length * 8));
    }

    /// <exception cref="InvalidDataException">The bytes are no such block.</exception>
    public void Read(ref ByteSource from, Span<double> values)
    {
        if (values.Length == 0)
            return;
        var places = from.Byte();
        if (places == Raw)
        {
            from.Take(checked(values.Length * 8)).CopyTo(MemoryMarshal.AsBytes(values));
            return;
        }

        if (places >= Scales.Length)
            throw new InvalidDataException($"There is no block of numbers with {places} places.");
        if (_whole.Length < values.Length)
            _whole = new long[values.Length];
        var whole = _whole.AsSpan(0, values.Length);
        LongBlock.Read(ref from, whole);
        var scale = Scales[places];
        for (var i = 0; i < whole.Length; i++)
            values[i] = whole[i] / scale;
    }

    private static int Places(ReadOnlySpan<double> values, Span<long> whole)
    {
        for (var places = 0; places < Scales.Length; places++)
            if (TryScale(values, Scales[places], whole))
                return places;
        return Scales.Length;
    }

    private static bool TryScale(ReadOnlySpan<double> values, double scale, Span<long> whole)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var scaled = Math.Round(values[i] * scale);

            // NaN is not smaller; minus zero has other bits than what comes back
            if (!(Math.Abs(scaled) < MaxWhole))
                return false;
            var number = (long)scaled;
            if (BitConverter.DoubleToInt64Bits(number / scale) != BitConverter.DoubleToInt64Bits(values[i]))
                return false;
            whole[i] = number;
        }

        return true;
    }
}
