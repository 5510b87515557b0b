using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Cep.Connectors.Formats;

/// <summary>A growing buffer of UTF-8 that JSON is written into by hand. One thread.</summary>
public sealed class Utf8Buffer
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        "\"\\\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000a\u000b\u000c\u000d\u000e\u000f"
        + "\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f");

    private static readonly SearchValues<byte> EscapedBytes =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(b => (byte)b), (byte)'"', (byte)'\\']);

    private byte[] _bytes;

    public Utf8Buffer(int capacity = 1024) => _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>What was written, as memory that is valid until the next write.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Drops what was written after the given length.</summary>
    public void Truncate(int length) => Length = length;

    public void Raw(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Room(utf8.Length));
        Length += utf8.Length;
    }

    public void Raw(byte one)
    {
        Room(1)[0] = one;
        Length++;
    }

    /// <summary>Writes a text in quotes. Half a surrogate pair becomes U+FFFD.</summary>
    public void String(string text)
    {
        Raw((byte)'"');
        var rest = text.AsSpan();
        while (rest.Length > 0)
        {
            var plain = rest.IndexOfAny(Escaped);
            if (plain < 0)
                plain = rest.Length;
            Text(rest[..plain]);
            if (plain == rest.Length)
                break;
            Escape(rest[plain]);
            rest = rest[(plain + 1)..];
        }

        Raw((byte)'"');
    }

    /// <summary>Writes a text that is valid UTF-8 in quotes.</summary>
    public void String(ReadOnlySpan<byte> utf8)
    {
        Raw((byte)'"');
        while (utf8.IndexOfAny(EscapedBytes) is >= 0 and var plain)
        {
            Raw(utf8[..plain]);
            Escape((char)utf8[plain]);
            utf8 = utf8[(plain + 1)..];
        }

        Raw(utf8);
        Raw((byte)'"');
    }

    public void Number(long value)
    {
        Utf8Formatter.TryFormat(value, Room(20), out var written);
        Length += written;
    }

    /// <summary>Writes the shortest text that reads back as the same number; NaN and infinities as null.</summary>
    public void Number(double value)
    {
        if (!double.IsFinite(value))
        {
            Raw("null"u8);
            return;
        }

        value.TryFormat(Room(32), out var written, default, CultureInfo.InvariantCulture);
        Length += written;
    }

    public void Bool(bool value) => Raw(value ? "true"u8 : "false"u8);

    /// <summary>Writes a time (ms since the epoch) in quotes: <c>"2026-01-31T12:30:15.123Z"</c>.</summary>
    public void Time(long ms)
    {
        if (ms is < IsoTime.MinMs or > IsoTime.MaxMs)
        {
            Number(ms);
            return;
        }

        var to = Room(26);
        to[0] = (byte)'"';
        IsoTime.Write(to[1..], ms);
        to[25] = (byte)'"';
        Length += 26;
    }

    private void Text(ReadOnlySpan<char> text)
    {
        Utf8.FromUtf16(text, Room(Encoding.UTF8.GetMaxByteCount(text.Length)), out _, out var written);
        Length += written;
    }

    private void Escape(char c)
    {
        Raw((byte)'\\');
        switch (c)
        {
            case '"' or '\\':
                Raw((byte)c);
                break;
            case '\n':
                Raw((byte)'n');
                break;
            case '\r':
                Raw((byte)'r');
                break;
            case '\t':
                Raw((byte)'t');
                break;
            default:
                Raw("u00"u8);
                Utf8Formatter.TryFormat((byte)c, Room(2), out _, new StandardFormat('x', 2));
                Length += 2;
                break;
        }
    }

    private Span<byte> Room(int count)
    {
        if (_bytes.Length - Length < count)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        return _bytes.AsSpan(Length);
    }
}
