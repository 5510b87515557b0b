using System.Text;
using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>Decodes CSV of which no schema is known: every column of the header is a string field.</summary>
internal sealed class CsvHeader : IEventDecoder
{
    private CsvDecoder? _decoder;

    public StreamSchema Schema => _decoder?.Schema ?? new StreamSchema("csv", []);

    public int Count => _decoder?.Count ?? 0;

    public int Rejected => _decoder?.Rejected ?? 0;

    public long? ArrivalMs { get; set; }

    public long LinesRead { get; set; }

    public int Decode(byte[] buffer, int start, int end, int maxRows, bool final)
    {
        _decoder ??= new CsvDecoder(SchemaOf(buffer.AsSpan(start, end - start)));
        return _decoder.Decode(buffer, start, end, maxRows, final);
    }

    public void RejectOversized(ReadOnlySpan<byte> head) => _decoder?.RejectOversized(head);

    public EventBatch Build() => _decoder!.Build();

    private static StreamSchema SchemaOf(ReadOnlySpan<byte> input)
    {
        var header = input[..input.IndexOf((byte)'\n')];
        if (header.StartsWith("\uFEFF"u8))
            header = header[3..];
        var delimiter = (char)CsvDecoder.SniffDelimiter(input);
        var names = Encoding.UTF8.GetString(header).TrimEnd('\r').Split(delimiter).Select(n => n.Trim().Trim('"'));
        return new StreamSchema("csv", [.. names.Distinct().Select(n => new FieldSchema(n, DataType.String))]);
    }
}
