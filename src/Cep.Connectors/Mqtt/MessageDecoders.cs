using System.Collections.Concurrent;
using Cep.Connectors.Formats;
using Cep.Events;

namespace Cep.Connectors.Mqtt;

/// <summary>
/// The decoders of a source: a connection has one only while it has something to decode, so that thousands of
/// connections need no more than there are threads.
/// </summary>
internal sealed class MessageDecoders
{
    private readonly Func<MessageDecoder> _make;
    private readonly ConcurrentBag<MessageDecoder> _free = [];

    /// <exception cref="InvalidDataException">A field is mapped that can't be.</exception>
    public MessageDecoders(
        StreamSchema schema, DecoderOptions options, MqttSourceOptions mqtt, TimeProvider clock)
    {
        var names = new SparkplugNames();
        _make = () => new MessageDecoder(schema, options, mqtt.Map, Resolver(mqtt.Format, names), clock);
        Return(_make());
    }

    private static IPayloadResolver? Resolver(PayloadFormat format, SparkplugNames names) => format switch
    {
        PayloadFormat.SenML => new SenMLResolver(),
        PayloadFormat.Sparkplug => new SparkplugResolver(names),
        _ => null,
    };

    public MessageDecoder Rent() => _free.TryTake(out var decoder) ? decoder : _make();

    public void Return(MessageDecoder decoder) => _free.Add(decoder);
}
