using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>
/// Decodes CSV (RFC 4180) into columns. The first record names the columns and shows the delimiter (comma, semicolon or
/// tab); columns that are no fields are skipped, an empty value is null, values are converted to the fields' types.
/// </summary>
public sealed unsafe class CsvDecoder : IEventDecoder
{
    private readonly DecoderOptions _options;
    private readonly EventBatchBuilder _builder;
    private readonly RowWriter _row;
    private readonly CsvValues _values;
    private readonly StringColumns _strings;
    private int[] _fields = [];
    private byte _delimiter;
    private byte[] _unquoted = new byte[256];
    private byte* _stop;
    private long _line;
    private bool _valid;
    private string? _reason;

    public CsvDecoder(StreamSchema schema, DecoderOptions? options = null)
    {
        _options = options ?? new DecoderOptions();
        _builder = new EventBatchBuilder(schema, _options.Capacity, _options.Wanted);
        _row = new RowWriter(_builder, _options.UntilMs);
        _values = new CsvValues(_row, _builder);
        _strings = new StringColumns(_builder);
    }

    public StreamSchema Schema => _builder.Schema;

    public int Count => _builder.Count;

    public int Rejected => _row.Rejected;

    public long? ArrivalMs { get; set; }

    public long LinesRead { get => _line; set => _line = value; }

    public int Decode(byte[] buffer, int start, int end, int maxRows, bool final)
    {
        var input = buffer.AsSpan(start, end - start);
        _valid = Ascii.IsValid(input) || Utf8.IsValid(input);
        fixed (byte* bytes = buffer)
        {
            _values.Input = bytes;
            var p = bytes + start;
            _stop = bytes + end;
            if (_line == 0 && input.StartsWith("\uFEFF"u8))
                p += 3;
            while (p < _stop && _builder.Count + _row.Rejected < maxRows)
            {
                var next = Record(p, final);
                if (next == null)
                    break;
                p = next;
            }

            _strings.Resolve(bytes);
            return (int)(p - bytes);
        }
    }

    public void RejectOversized(ReadOnlySpan<byte> head) =>
        _row.Reject($"line {++_line}: longer than {_options.MaxLineBytes} bytes", head, _line);

    public EventBatch Build()
    {
        _strings.Reset();
        return _row.Build(ArrivalMs);
    }

    private byte* Record(byte* p, bool final)
    {
        if (*p == '\n' || (*p == '\r' && p[1] == '\n'))
        {
            _line++;
            return p + (*p == '\n' ? 1 : 2);
        }

        if (_delimiter == 0)
            return Header(p, final);
        _row.Begin();
        _reason = null;
        var columns = 0;
        var breaks = 0;
        var end = p;
        while (true)
        {
            end = Field(end, columns < _fields.Length ? _fields[columns] : -1, ref breaks);
            if (end == null)
                return Unclosed(p, final);
            columns++;
            if (*end == '\n')
                break;
            end++;
        }

        Finish(p, end, columns);
        _line += 1 + breaks;
        return end + 1;
    }

    private void Finish(byte* p, byte* end, int columns)
    {
        var raw = new ReadOnlySpan<byte>(p, (int)(end - p)).TrimEnd((byte)'\r');
        if (columns != _fields.Length)
            _reason = $"{columns} columns, but the header has {_fields.Length}";
        else if (raw.Length > _options.MaxLineBytes)
            _reason = $"longer than {_options.MaxLineBytes} bytes";
        else if (!_valid && !Utf8.IsValid(raw))
            _reason = "invalid UTF-8";
        if (_reason is null && !_row.End(ArrivalMs))
            _reason = $"the time field '{Schema.Fields[Schema.TimeField].Name}' is missing or null";
        if (_reason is not null)
            _row.Reject($"line {_line + 1}: {_reason}", raw, _line + 1);
    }

    private byte* Unclosed(byte* p, bool final)
    {
        _builder.Undo();
        if (!final)
            return null;
        _line++;
        _row.Reject($"line {_line}: a quote is not closed", new ReadOnlySpan<byte>(p, (int)(_stop - p)), _line);
        return _stop;
    }

    /// <summary>
    /// Takes one value; returns the delimiter or line feed after it, or null where a quote is not closed.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Field(byte* p, int field, ref int breaks)
    {
        if (*p == '"')
            return QuotedField(p + 1, field, ref breaks);
        var end = p;
        while (*end != _delimiter && *end != '\n')
            end++;
        var length = (int)(end - p);
        if (*end == '\n' && length > 0 && end[-1] == '\r')
            length--;
        if (field >= 0)
            _reason ??= _values.Set(field, p, length);
        return end;
    }

    private byte* QuotedField(byte* p, int field, ref int breaks)
    {
        var start = p;
        var length = 0;
        var doubled = false;
        while (true)
        {
            var rest = new ReadOnlySpan<byte>(p, (int)(_stop - p));
            var quote = rest.IndexOf((byte)'"');
            if (quote < 0)
                return null;
            var more = rest[quote + 1] == '"';
            breaks += rest[..quote].Count((byte)'\n');
            if (doubled || more)
                Append(rest[..(quote + (more ? 1 : 0))], ref length);
            p += quote + 1;
            if (!more)
                break;
            doubled = true;
            p++;
        }

        if (field >= 0 && doubled)
            SetUnquoted(field, length);
        else if (field >= 0)
            _reason ??= _values.Set(field, start, (int)(p - start) - 1);
        return AfterQuote(p);
    }

    private byte* AfterQuote(byte* p)
    {
        if (*p == '\r' && p[1] == '\n')
            p++;
        while (*p != _delimiter && *p != '\n')
        {
            _reason ??= "text after a closing quote";
            p++;
        }

        return p;
    }

    private void SetUnquoted(int field, int length)
    {
        _unquoted[length] = (byte)'\n';
        fixed (byte* text = _unquoted)
            _reason ??= _values.Set(field, text, length, moved: true);
    }

    private void Append(ReadOnlySpan<byte> text, ref int length)
    {
        if (length + text.Length + IEventDecoder.Padding > _unquoted.Length)
            Array.Resize(ref _unquoted, (length + text.Length + IEventDecoder.Padding) * 2);
        text.CopyTo(_unquoted.AsSpan(length));
        length += text.Length;
    }

    private byte* Header(byte* p, bool final)
    {
        var names = new List<string>();
        _delimiter = SniffDelimiter(new ReadOnlySpan<byte>(p, (int)(_stop - p)));
        var breaks = 0;
        var end = p;
        while (true)
        {
            var start = end;
            end = Field(end, -1, ref breaks);
            if (end == null)
            {
                _delimiter = 0;
                return Unclosed(p, final);
            }

            names.Add(
                Encoding.UTF8.GetString(start, (int)(end - start)).Trim().Trim('"')
                    .Replace("\"\"", "\"", StringComparison.Ordinal));
            if (*end == '\n')
                break;
            end++;
        }

        _fields = [.. names.Select(Schema.IndexOf)];
        _line += 1 + breaks;
        return end + 1;
    }

    internal static byte SniffDelimiter(ReadOnlySpan<byte> text)
    {
        var header = text[..text.IndexOf((byte)'\n')];
        var best = (byte)',';
        foreach (var candidate in ",;\t"u8)
            if (header.Count(candidate) > header.Count(best))
                best = candidate;
        return best;
    }
}
