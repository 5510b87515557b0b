namespace Cep.Mqtt.Codec;

/// <summary>A property: a number, a text (with a name where it is the user's), or bytes.</summary>
internal sealed record MqttProperty(PropertyId Id, uint Number, string? Text, string? Name, byte[]? Data)
{
    public static MqttProperty Of(PropertyId id, uint number) => new(id, number, null, null, null);

    public static MqttProperty Of(PropertyId id, string text) => new(id, 0, text, null, null);

    public static MqttProperty Of(PropertyId id, byte[] data) => new(id, 0, null, null, data);

    public static MqttProperty User(string name, string text) => new(PropertyId.UserProperty, 0, text, name, null);
}

/// <summary>The properties of a packet, in their order.</summary>
internal sealed class MqttProperties(params IReadOnlyList<MqttProperty> all)
{
    public static readonly MqttProperties None = new();

    public IReadOnlyList<MqttProperty> All { get; } = all;

    public uint? Number(PropertyId id) => Find(id)?.Number;

    public string? Text(PropertyId id) => Find(id)?.Text;

    private MqttProperty? Find(PropertyId id)
    {
        foreach (var property in All)
            if (property.Id == id)
                return property;
        return null;
    }
}
