using System.Text;
using System.Text.Json;
using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>
/// Turns messages (a topic and a payload each) into batches of events of one stream. A payload is an object, which is
/// one event, or a list of objects; a resolver may turn other payloads into such. Bad ones become rejected events that
/// name the topic. One thread at a time.
/// </summary>
internal sealed class MessageDecoder
{
    private static readonly JsonReaderOptions s_options = new() { MaxDepth = 65 };
    private readonly NdjsonDecoder _rows;
    private readonly RowMapping? _mapping;
    private readonly IPayloadResolver? _resolver;
    private readonly TimeProvider _clock;
    private readonly ResolvedRecords _resolved = new();
    private readonly List<Range> _items = [];
    private byte[] _topic = new byte[256];
    private int _topicLength;
    private byte[] _buffer = new byte[4096];

    /// <exception cref="InvalidDataException">A field is mapped that can't be.</exception>
    public MessageDecoder(
        StreamSchema schema, DecoderOptions options, IReadOnlyDictionary<string, FieldSource> map,
        IPayloadResolver? resolver, TimeProvider clock)
    {
        _mapping = map.Count > 0 ? new RowMapping(schema, map) : null;
        _rows = new NdjsonDecoder(schema, options, _mapping, Place);
        _resolver = resolver;
        _clock = clock;
    }

    /// <summary>The events and rejections in the batch being filled.</summary>
    public int Count => _rows.Count + _rows.Rejected;

    public void Add(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        if (Count == 0 || _rows.ArrivalMs is null)
            _rows.ArrivalMs = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        SetTopic(topic);
        if (_resolver is not null)
            Resolve(topic, payload);
        else if (payload.IsEmpty)
            _rows.RejectMessage("an empty payload", payload);
        else if (payload[0] == '{' || payload.TrimStart(" \t\r\n"u8) is not [(byte)'[', ..])
            Row(payload);
        else
            List(payload);
    }

    public EventBatch Build()
    {
        var batch = _rows.Build();
        _rows.ArrivalMs = null;
        return batch;
    }

    private string Place() => $"topic '{Encoding.UTF8.GetString(_topic.AsSpan(0, _topicLength))}'";

    private void SetTopic(ReadOnlySpan<byte> topic)
    {
        if (topic.Length > _topic.Length)
            _topic = new byte[topic.Length];
        topic.CopyTo(_topic);
        _topicLength = topic.Length;
        _mapping?.SetTopic(topic);
    }

    private void Row(ReadOnlySpan<byte> json)
    {
        if (_buffer.Length < json.Length + IEventDecoder.Padding)
            _buffer = new byte[Math.Max(_buffer.Length * 2, json.Length + IEventDecoder.Padding)];
        json.CopyTo(_buffer);
        _rows.DecodeMessage(_buffer, json.Length);
    }

    private void List(ReadOnlySpan<byte> payload)
    {
        _items.Clear();
        try
        {
            var reader = new Utf8JsonReader(payload, s_options);
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                _items.Add(start..(int)reader.BytesConsumed);
            }

            reader.Read();
        }
        catch (JsonException e)
        {
            _rows.RejectMessage(JsonRowReader.Explain(e), payload);
            return;
        }

        foreach (var item in _items)
            Row(payload[item]);
    }

    private void Resolve(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        _resolved.Clear();
        string? fault;
        try
        {
            fault = _resolver!.Resolve(topic, payload, _rows.ArrivalMs!.Value, _resolved);
        }
        catch (JsonException e)
        {
            fault = JsonRowReader.Explain(e);
        }
        catch (InvalidOperationException)
        {
            fault = "broken JSON: a value of another kind, or an escape that is no Unicode character";
        }

        if (fault is not null)
        {
            _rows.RejectMessage(fault, payload);
            return;
        }

        for (var i = 0; i < _resolved.Count; i++)
            Row(_resolved[i]);
    }
}
