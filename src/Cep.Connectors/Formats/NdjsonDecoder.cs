using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>
/// Decodes lines of JSON objects straight into columns. Fields are taken by name, unknown ones are skipped, of a name
/// that comes twice the last counts. What is not a JSON object with the declared types becomes a rejected event with
/// its reason.
/// </summary>
/// <remarks>
/// The quick way expects the names of the line before and plain values, and gives up at anything else; the thorough way
/// (<see cref="JsonRowReader"/>) then decides about that line and says what is wrong with it.
/// </remarks>
public sealed unsafe class NdjsonDecoder : IEventDecoder
{
    private readonly DecoderOptions _options;
    private readonly EventBatchBuilder _builder;
    private readonly RowWriter _row;
    private readonly NameTable _names;
    private readonly JsonRowReader _thorough;
    private readonly DataType[] _types;
    private readonly StringColumns _strings;
    private readonly RowMapping? _mapping;
    private Column[] _columns;
    private byte* _input;
    private byte* _stop;
    private long _line;
    private bool _valid;

    public NdjsonDecoder(StreamSchema schema, DecoderOptions? options = null)
        : this(schema, options, null, null)
    {
    }

    /// <param name="schema">The stream.</param>
    /// <param name="options">What is kept.</param>
    /// <param name="mapping">Where fields come from, if not from members of their names.</param>
    /// <param name="place">Tells people where the message that is decoded is from; null: lines have numbers.</param>
    internal NdjsonDecoder(StreamSchema schema, DecoderOptions? options, RowMapping? mapping, Func<string>? place)
    {
        _options = options ?? new DecoderOptions();
        _builder = new EventBatchBuilder(schema, _options.Capacity, _options.Wanted);
        _row = new RowWriter(_builder, _options.UntilMs) { Place = place };
        _mapping = mapping;
        _names = new NameTable(schema, mapping?.Members);
        _thorough = new JsonRowReader(_row, _names, mapping);
        _types = [.. schema.Fields.Select(f => f.Type)];
        _strings = new StringColumns(_builder);
        _columns = _builder.Columns;
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
            _input = bytes;
            var p = bytes + start;
            if (_line == 0 && input.StartsWith("\uFEFF"u8))
                p += 3;
            _stop = bytes + end;
            while (p < _stop && _builder.Count + _row.Rejected < maxRows)
            {
                _line++;
                p = Line(p);
            }

            _strings.Resolve(bytes);
            return (int)(p - bytes);
        }
    }

    /// <summary>
    /// Decodes one JSON object, which may go over several lines: the first <paramref name="length"/> bytes of the
    /// buffer, after which <see cref="IEventDecoder.Padding"/> bytes can be written to.
    /// </summary>
    internal void DecodeMessage(byte[] buffer, int length)
    {
        var input = buffer.AsSpan(0, length);
        buffer[length] = (byte)'\n';
        _valid = _mapping?.Paths is null && (Ascii.IsValid(input) || Utf8.IsValid(input));
        fixed (byte* bytes = buffer)
        {
            _input = bytes;
            _stop = bytes + length + 1;
            if (!QuickMessage(bytes, length))
                _thorough.Line(input, 0, ArrivalMs);
            _strings.Resolve(bytes);
        }
    }

    /// <summary>Makes a rejected event of a message.</summary>
    internal void RejectMessage(string reason, ReadOnlySpan<byte> raw) => _row.RejectPlaced(reason, raw, 0);

    public void RejectOversized(ReadOnlySpan<byte> head)
    {
        _line++;
        _row.Reject($"line {_line}: longer than {_options.MaxLineBytes} bytes", head, _line);
    }

    /// <summary>Rejects something that was to be an event.</summary>
    public void Reject(string reason, ReadOnlySpan<byte> raw) => _row.Reject(reason, raw, line: 0);

    public EventBatch Build()
    {
        var batch = _row.Build(ArrivalMs);
        _strings.Reset();
        _columns = _builder.Columns;
        return batch;
    }

    private byte* Line(byte* p)
    {
        if (_valid && *p == '{')
        {
            _row.Begin();
            var end = QuickLine(p);
            if (end != null && end - p <= _options.MaxLineBytes && _row.End(ArrivalMs))
                return end + 1;
        }

        return ThoroughLine(p);
    }

    private bool QuickMessage(byte* p, int length)
    {
        if (!_valid || *p != '{')
            return false;
        _row.Begin();
        return QuickLine(p) == p + length && _mapping?.Fill(_row) is null && _row.End(ArrivalMs);
    }

    // compiled fully at its first call: a replay of a million lines is over before tiering would get to it
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private byte* QuickLine(byte* p)
    {
        var name = _names.Start;
        while (true)
        {
            // at the brace or the comma before a name
            var at = p[1] == ' ' ? p + 2 : p + 1;
            var value = _names.Expect(at, ref name);
            if (value == null && (value = _names.Learn(JsonText.SkipBlanks(at), ref name)) == null)
                return null;
            p = Value(value, _names.FieldOf(name));
            if (p == null)
                return null;
            if (*p == ',')
                continue;
            p = JsonText.SkipBlanks(p);
            if (*p == '}')
                break;
            if (*p != ',')
                return null;
        }

        p = JsonText.SkipBlanks(p + 1);
        return *p == '\n' ? p : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Value(byte* p, int field)
    {
        if (field < 0)
            return JsonText.SkipPlainValue(p) is var end && end != null ? end : SkipNested(p);
        _row.Take(field);
        var column = _columns[field];
        return _types[field] switch
        {
            DataType.String => StringValue(p, field, column),
            DataType.Number => NumberValue(p, column),
            DataType.Timestamp => TimeValue(p, column),
            DataType.Integer => IntegerValue(p, column),
            DataType.Bool => BoolValue(p, column),
            _ => OtherValue(p, field),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* StringValue(byte* p, int field, Column? column)
    {
        if (*p != '"')
            return NullValue(p, column);
        var end = JsonText.EndOfPlainText(++p);
        if (*end != '"')
            return *end == '\\' ? OtherValue(p - 1, field) : null;
        if (column is not null)
            column.Codes[_builder.Count] = StringCache.Defer(column.Pool, _input, p, (int)(end - p));
        return end + 1;
    }

    private byte* NumberValue(byte* p, Column? column)
    {
        var end = JsonNumber.Double(p, out var value);
        if (end == null)
            return NullValue(p, column);
        if (column is not null)
            column.Doubles[_builder.Count] = value;
        return end;
    }

    private byte* IntegerValue(byte* p, Column? column)
    {
        var end = JsonNumber.PlainInt64(p, out var value);
        if (end == null)
        {
            end = JsonNumber.Double(p, out _);
            if (end == null)
                return NullValue(p, column);
            if (!JsonNumber.TryInt64(new ReadOnlySpan<byte>(p, (int)(end - p)), out value))
                return null;
        }

        if (column is not null)
            column.Longs[_builder.Count] = value;
        return end;
    }

    private byte* TimeValue(byte* p, Column? column)
    {
        long value;
        byte* end;
        if (*p == '"')
        {
            end = JsonText.EndOfPlainText(++p);
            if (*end != '"' || !IsoTime.TryParse(new ReadOnlySpan<byte>(p, (int)(end - p)), out value))
                return null;
            end++;
        }
        else
        {
            end = JsonNumber.PlainInt64(p, out value);
            if (end == null)
                return *p == 'n' ? NullValue(p, column) : null;
            if (value is < IsoTime.MinMs or > IsoTime.MaxMs)
                return null;
        }

        if (column is not null)
            column.Longs[_builder.Count] = value;
        return end;
    }

    private byte* BoolValue(byte* p, Column? column)
    {
        var end = JsonText.Bool(p, out var value);
        if (end == null)
            return NullValue(p, column);
        column?.SetBit(_builder.Count, value);
        return end;
    }

    private byte* NullValue(byte* p, Column? column)
    {
        if (column is not null)
            _row.SetNull(column);
        return JsonText.SkipNull(p);
    }

    private byte* OtherValue(byte* p, int field)
    {
        try
        {
            var reader = ReaderAt(p);
            reader.Read();
            return _thorough.Value(ref reader, field) is null ? p + reader.BytesConsumed : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private byte* SkipNested(byte* p)
    {
        try
        {
            var reader = ReaderAt(p);
            reader.Read();
            return reader.TrySkip() ? p + reader.BytesConsumed : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private Utf8JsonReader ReaderAt(byte* p)
    {
        var rest = new ReadOnlySpan<byte>(p, (int)(_stop - p));
        return new Utf8JsonReader(rest[..rest.IndexOf((byte)'\n')], isFinalBlock: false, JsonRowReader.ValueState);
    }

    private byte* ThoroughLine(byte* p)
    {
        var line = new ReadOnlySpan<byte>(p, (int)(_stop - p));
        line = line[..line.IndexOf((byte)'\n')];
        var next = p + line.Length + 1;
        line = line.TrimEnd((byte)'\r');
        if (line.Length > _options.MaxLineBytes)
            _row.Reject($"line {_line}: longer than {_options.MaxLineBytes} bytes", line, _line);
        else if (line.TrimStart(" \t"u8).Length > 0)
            _thorough.Line(line, _line, ArrivalMs);
        return next;
    }
}
