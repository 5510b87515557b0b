using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Cep.Benchmarks.Measuring;

namespace Cep.Benchmarks.Hand;

/// <summary>
/// Reads NDJSON with the platform's own reader; E1 also finds W4's sequences, and E1v W3's velocities, and writes them.
/// </summary>
internal static class FileLoop
{
    private const byte NewLine = (byte)'\n';

    private delegate void OnPurchase(in Fields fields);

    public static Tally Read(string path)
    {
        var tally = new Tally();
        Parse(path, (in Fields f) => tally.Add(f.Amount));
        return tally;
    }

    public static Tally ReadAndMatch(string path, string outPath)
    {
        var tally = new Tally();
        var runs = new SequenceLoop.Runs();
        using var output = new FileStream(outPath, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        var line = new byte[256];
        Parse(path, (in Fields f) =>
        {
            var before = tally.Count;
            var sum = tally.Check;
            runs.OnEvent(f.Ts, f.Card, f.Amount, tally);
            if (tally.Count > before)
                output.Write(line, 0, Line(line, f, tally.Count - before, tally.Check - sum));
        });
        return tally;
    }

    public static Tally ReadAndCount(string path, string outPath)
    {
        var tally = new Tally();
        var times = new VelocityLoop.Times();
        using var output = new FileStream(outPath, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        var line = new byte[512];
        Parse(path, (in Fields f) =>
        {
            var count = times.OnEvent(f.Ts, f.Card);
            if (count < 5)
                return;
            tally.Add(count);
            output.Write(line, 0, Line(line, f, count));
        });
        return tally;
    }

    /// <summary>The count and the whole event, as evidence shows it.</summary>
    private static int Line(Span<byte> line, in Fields f, int count)
    {
        var at = 0;
        Text(line, ref at, "{\"n\":"u8);
        Utf8Formatter.TryFormat(count, line[at..], out var written);
        at += written;
        Text(line, ref at, ",\"ts\":"u8);
        Utf8Formatter.TryFormat(f.Ts, line[at..], out written);
        at += written;
        Text(line, ref at, ",\"amount\":"u8);
        Utf8Formatter.TryFormat(f.Amount, line[at..], out written);
        at += written;
        Member(line, ref at, ",\"card\":\""u8, f.Card);
        Member(line, ref at, ",\"merchant\":\""u8, f.Merchant);
        Member(line, ref at, ",\"country\":\""u8, f.Country);
        Member(line, ref at, ",\"kind\":\""u8, f.Kind);
        Text(line, ref at, "}\n"u8);
        return at;
    }

    private static void Member(Span<byte> line, ref int at, ReadOnlySpan<byte> name, string value)
    {
        Text(line, ref at, name);
        at += Encoding.UTF8.GetBytes(value, line[at..]);
        line[at++] = (byte)'"';
    }

    private static int Line(Span<byte> line, in Fields f, long matches, double sum)
    {
        var at = 0;
        Text(line, ref at, "{\"card\":\""u8);
        at += Encoding.UTF8.GetBytes(f.Card, line[at..]);
        Text(line, ref at, "\",\"at\":"u8);
        Utf8Formatter.TryFormat(f.Ts, line[at..], out var written);
        at += written;
        Text(line, ref at, ",\"matches\":"u8);
        Utf8Formatter.TryFormat(matches, line[at..], out written);
        at += written;
        Text(line, ref at, ",\"sum\":"u8);
        Utf8Formatter.TryFormat(sum, line[at..], out written);
        at += written;
        Text(line, ref at, "}\n"u8);
        return at;
    }

    private static void Text(Span<byte> line, ref int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(line[at..]);
        at += text.Length;
    }

    private static void Parse(string path, OnPurchase onPurchase)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
        var names = new Utf8Names();
        var buffer = new byte[1 << 20];
        var held = 0;
        for (int read; (read = file.Read(buffer, held, buffer.Length - held)) > 0;)
        {
            held += read;
            var start = 0;
            for (int length; (length = buffer.AsSpan(start, held - start).IndexOf(NewLine)) >= 0; start += length + 1)
                onPurchase(ParseLine(buffer.AsSpan(start, length), names));
            buffer.AsSpan(start, held - start).CopyTo(buffer);
            held -= start;
        }
    }

    private static Fields ParseLine(ReadOnlySpan<byte> line, Utf8Names names)
    {
        var fields = default(Fields);
        var json = new Utf8JsonReader(line);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("ts"u8))
                fields.Ts = json.Read() ? json.GetInt64() : 0;
            else if (json.ValueTextEquals("card"u8))
                fields.Card = Name(ref json, names);
            else if (json.ValueTextEquals("amount"u8))
                fields.Amount = json.Read() ? json.GetDouble() : 0;
            else if (json.ValueTextEquals("merchant"u8))
                fields.Merchant = Name(ref json, names);
            else if (json.ValueTextEquals("country"u8))
                fields.Country = Name(ref json, names);
            else if (json.ValueTextEquals("kind"u8))
                fields.Kind = Name(ref json, names);
            else
                json.Skip();
        }

        return fields;
    }

    private static string Name(ref Utf8JsonReader json, Utf8Names names)
    {
        json.Read();
        return json.ValueIsEscaped ? json.GetString()! : names.Get(json.ValueSpan);
    }

    private struct Fields
    {
        public long Ts;
        public double Amount;
        public string Card;
        public string Merchant;
        public string Country;
        public string Kind;
    }
}
