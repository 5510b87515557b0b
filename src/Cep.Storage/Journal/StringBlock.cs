using System.Runtime.InteropServices;
using Cep.Events;

namespace Cep.Storage.Journal;

/// <summary>
/// Texts: each different one once, in the order of their first row, then for every row which of them it is, in as few
/// bytes as that takes; where all rows differ their order says it.
/// </summary>
internal sealed class StringBlock
{
    private int[] _places = [];
    private int[] _texts = new int[256];
    private int[] _rows = new int[256];

    public void Write(ByteSink to, Column column, int rows)
    {
        if (_rows.Length < rows)
            (_rows, _texts) = (new int[rows], new int[rows]);
        var count = 0;
        for (var row = 0; row < rows; row++)
        {
            if (column.IsNull(row))
            {
                _rows[row] = 0;
                continue;
            }

            var code = column.Codes[row];
            if (code >= _places.Length)
                Array.Resize(ref _places, Math.Max(code + 1, _places.Length * 2));
            if (_places[code] == 0)
            {
                _texts[count++] = code;
                _places[code] = count;
            }

            _rows[row] = _places[code] - 1;
        }

        WriteTexts(to, column.Pool, _texts.AsSpan(0, count));
        WriteRows(to, _rows.AsSpan(0, rows), count);
        foreach (var code in _texts.AsSpan(0, count))
            _places[code] = 0;
    }

    /// <summary>Reads the texts into a pool and the rows' codes there.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such block.</exception>
    public void Read(ref ByteSource from, StringPool pool, Span<int> codes)
    {
        var count = from.Count();
        if (count > codes.Length)
            throw new InvalidDataException("A column has more texts than rows.");
        if (_texts.Length < count)
            _texts = new int[count];
        for (var i = 0; i < count; i++)
            _texts[i] = pool.Add(from.Take(from.Count()));
        var texts = _texts.AsSpan(0, count);
        if (count <= 1)
        {
            codes.Fill(count == 1 ? texts[0] : 0);
            return;
        }

        if (count == codes.Length)
        {
            texts.CopyTo(codes);
            return;
        }

        switch (Width(count))
        {
            case 1:
                Codes(from.Take(codes.Length), texts, codes);
                break;
            case 2:
                Codes(MemoryMarshal.Cast<byte, ushort>(from.Take(codes.Length * 2)), texts, codes);
                break;
            default:
                Codes(MemoryMarshal.Cast<byte, int>(from.Take(codes.Length * 4)), texts, codes);
                break;
        }
    }

    private static int Width(int count) => count <= 256 ? 1 : count <= 65536 ? 2 : 4;

    private static void WriteTexts(ByteSink to, StringPool pool, ReadOnlySpan<int> codes)
    {
        to.Count(codes.Length);
        foreach (var code in codes)
        {
            var utf8 = pool.Utf8(code);
            to.Count(utf8.Length);
            utf8.CopyTo(to.Take(utf8.Length));
        }
    }

    private static void WriteRows(ByteSink to, ReadOnlySpan<int> rows, int count)
    {
        if (count <= 1 || count == rows.Length)
            return;
        var width = Width(count);
        var bytes = to.Take(width * rows.Length);
        switch (width)
        {
            case 1:
                for (var i = 0; i < rows.Length; i++)
                    bytes[i] = (byte)rows[i];
                break;
            case 2:
                var twos = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (var i = 0; i < rows.Length; i++)
                    twos[i] = (ushort)rows[i];
                break;
            default:
                rows.CopyTo(MemoryMarshal.Cast<byte, int>(bytes));
                break;
        }
    }

    // an index beyond the texts is told by the array itself
    private static void Codes(ReadOnlySpan<byte> from, ReadOnlySpan<int> texts, Span<int> codes)
    {
        for (var i = 0; i < codes.Length; i++)
            codes[i] = texts[from[i]];
    }

    private static void Codes(ReadOnlySpan<ushort> from, ReadOnlySpan<int> texts, Span<int> codes)
    {
        for (var i = 0; i < codes.Length; i++)
            codes[i] = texts[from[i]];
    }

    private static void Codes(ReadOnlySpan<int> from, ReadOnlySpan<int> texts, Span<int> codes)
    {
        for (var i = 0; i < codes.Length; i++)
            codes[i] = texts[from[i]];
    }
}
