using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Cep.Storage.Journal;

/// <summary>
/// Whole numbers as differences from the smallest one, or from the one before where that takes fewer bytes: each in 0,
/// 1, 2, 4 or 8 bytes, the same for all of them, so that reading is a loop without branches.
/// </summary>
internal static class LongBlock
{
    private const byte Deltas = 0x10;

    public static void Write(ByteSink to, ReadOnlySpan<long> values)
    {
        if (values.Length == 0)
            return;
        var (min, max) = (values[0], values[0]);
        var (minStep, maxStep) = values.Length > 1 ? (long.MaxValue, long.MinValue) : (0L, 0L);
        var before = values[0];
        foreach (var value in values[1..])
        {
            min = Math.Min(min, value);
            max = Math.Max(max, value);

            // wraps where it must: adding the step again wraps back
            var step = unchecked(value - before);
            minStep = Math.Min(minStep, step);
            maxStep = Math.Max(maxStep, step);
            before = value;
        }

        var width = Width(unchecked((ulong)(max - min)));
        var stepWidth = Width(unchecked((ulong)(maxStep - minStep)));
        if (stepWidth < width)
            WriteSteps(to, values, stepWidth, minStep);
        else
            WriteOffsets(to, values, width, min);
    }

    /// <exception cref="InvalidDataException">The bytes are no such block.</exception>
    public static void Read(ref ByteSource from, Span<long> values)
    {
        if (values.Length == 0)
            return;
        var tag = from.Byte();
        var width = tag & 0x0F;
        if (width is not (0 or 1 or 2 or 4 or 8) || (tag & 0xF0) is not (0 or Deltas))
            throw new InvalidDataException($"There is no block of numbers of kind {tag}.");
        var first = (tag & Deltas) != 0 ? from.Long() : 0;
        var smallest = from.Long();
        var bytes = from.Take(checked(width * values.Length));
        Widen(bytes, width, smallest, values);
        if ((tag & Deltas) == 0)
            return;
        var sum = first;
        values[0] = first;
        for (var i = 1; i < values.Length; i++)
            values[i] = sum = unchecked(sum + values[i]);
    }

    private static int Width(ulong range) => range switch
    {
        0 => 0,
        <= byte.MaxValue => 1,
        <= ushort.MaxValue => 2,
        <= uint.MaxValue => 4,
        _ => 8,
    };

    private static void WriteOffsets(ByteSink to, ReadOnlySpan<long> values, int width, long min)
    {
        to.Byte((byte)width);
        to.Long(min);
        var bytes = to.Take(width * values.Length);
        for (var i = 0; i < values.Length; i++)
            Put(bytes, width, i, unchecked((ulong)(values[i] - min)));
    }

    private static void WriteSteps(ByteSink to, ReadOnlySpan<long> values, int width, long minStep)
    {
        to.Byte((byte)(width | Deltas));
        to.Long(values[0]);
        to.Long(minStep);
        var bytes = to.Take(width * values.Length);
        Put(bytes, width, 0, 0);
        for (var i = 1; i < values.Length; i++)
            Put(bytes, width, i, unchecked((ulong)(values[i] - values[i - 1] - minStep)));
    }

    private static void Put(Span<byte> bytes, int width, int index, ulong value)
    {
        switch (width)
        {
            case 0:
                break;
            case 1:
                bytes[index] = (byte)value;
                break;
            case 2:
                BinaryPrimitives.WriteUInt16LittleEndian(bytes[(index * 2)..], (ushort)value);
                break;
            case 4:
                BinaryPrimitives.WriteUInt32LittleEndian(bytes[(index * 4)..], (uint)value);
                break;
            default:
                BinaryPrimitives.WriteUInt64LittleEndian(bytes[(index * 8)..], value);
                break;
        }
    }

    private static void Widen(ReadOnlySpan<byte> bytes, int width, long smallest, Span<long> values)
    {
        switch (width)
        {
            case 0:
                values.Fill(smallest);
                break;
            case 1:
                for (var i = 0; i < bytes.Length; i++)
                    values[i] = unchecked(smallest + bytes[i]);
                break;
            case 2:
                var twos = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (var i = 0; i < twos.Length; i++)
                    values[i] = unchecked(smallest + twos[i]);
                break;
            case 4:
                var fours = MemoryMarshal.Cast<byte, uint>(bytes);
                for (var i = 0; i < fours.Length; i++)
                    values[i] = unchecked(smallest + fours[i]);
                break;
            default:
                var eights = MemoryMarshal.Cast<byte, long>(bytes);
                for (var i = 0; i < eights.Length; i++)
                    values[i] = unchecked(smallest + eights[i]);
                break;
        }
    }
}
