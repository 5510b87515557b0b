using System.Text;
using Cep.Connectors.Formats;
using Cep.Events;

namespace Cep.Connectors.Tests;

/// <summary>Feeds decoders and makes what comes out easy to compare.</summary>
internal static class Decoding
{
    public static readonly StreamSchema AllTypes = new(
        "all",
        [
            new("ts", DataType.Timestamp), new("s", DataType.String), new("n", DataType.Number),
            new("i", DataType.Integer),
            new("b", DataType.Bool), new("d", DataType.Duration), new("a", DataType.Any),
            new("l", DataType.List, DataType.Integer), new("other", DataType.String),
        ],
        "ts");

    public static readonly StreamSchema Untimed = new("u", [new("x", DataType.Number)]);

    public static List<EventBatch> Ndjson(
        StreamSchema schema, byte[] input, int maxRows = 4096, DecoderOptions? options = null,
        int blockBytes = 1 << 18) =>
        All(new NdjsonDecoder(schema, options), input, maxRows, options, blockBytes);

    public static EventBatch Ndjson(StreamSchema schema, string input) =>
        Assert.Single(Ndjson(schema, Encoding.UTF8.GetBytes(input)));

    public static List<EventBatch> Csv(
        StreamSchema schema, string input, int maxRows = 4096, DecoderOptions? options = null,
        int blockBytes = 1 << 18) =>
        All(new CsvDecoder(schema, options), Encoding.UTF8.GetBytes(input), maxRows, options, blockBytes);

    public static EventBatch Csv(StreamSchema schema, string input) => Assert.Single(Csv(schema, input, 4096));

    public static object? Value(this EventBatch batch, string field, int row = 0) =>
        batch.Columns[batch.Schema.IndexOf(field)].ValueAt(row);

    private static List<EventBatch> All(
        IEventDecoder decoder, byte[] input, int maxRows, DecoderOptions? options, int blockBytes)
    {
        var limit = (options ?? new DecoderOptions()).MaxLineBytes;
        var pump = new DecodePump(new MemoryStream(input), decoder, limit, maxRows, prompt: false, blockBytes);
        var batches = new List<EventBatch>();
        while (pump.Next() is { } batch)
            batches.Add(batch);
        return batches;
    }
}
