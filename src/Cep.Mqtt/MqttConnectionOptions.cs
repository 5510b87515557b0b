namespace Cep.Mqtt;

/// <summary>Where a client connects to, and as what.</summary>
/// <param name="Host">Name or address of the broker.</param>
/// <param name="Port">Its port: 1883, with TLS 8883.</param>
public sealed record MqttConnectionOptions(string Host, int Port)
{
    public MqttVersion Version { get; init; } = MqttVersion.V5;

    /// <summary>The session's name at the broker; "" lets the broker choose one, for a session that does not
    /// last.</summary>
    public string ClientId { get; init; } = "";

    public string? Username { get; init; }

    public string? Password { get; init; }

    /// <summary>Whether the first connection forgets what the broker kept for the client id.</summary>
    public bool CleanStart { get; init; } = true;

    /// <summary>
    /// How long the broker keeps the session while there is no connection; zero: not at all. In MQTT 3.1.1 the broker
    /// decides, unless it is zero.
    /// </summary>
    public TimeSpan SessionExpiry { get; init; }

    /// <summary>The longest silence of the client, in whole seconds up to 65,535; zero: any.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Messages of QoS 1 and 2 that may be unacknowledged, 1 to 65,535. A broker of MQTT 3.1.1 is not told:
    /// from it, nothing further is read until some are acknowledged.</summary>
    public int ReceiveMaximum { get; init; } = 1024;

    /// <summary>Messages that are published at once, at most; fewer where the broker takes fewer.</summary>
    public int PublishMaximum { get; init; } = 1024;

    public MqttLimits Limits { get; init; } = new();

    public IReadOnlyList<MqttSubscription> Subscriptions { get; init; } = [];

    public MqttWill? Will { get; init; }

    public MqttTls? Tls { get; init; }

    /// <summary>How long the broker may take to answer at the beginning.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public bool Reconnects { get; init; } = true;

    /// <summary>The pause after a connection failed, which doubles, with jitter, up to <see cref="LongestPause"/>.
    /// </summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Without the password.</summary>
    public override string ToString() => $"mqtt{(Tls is null ? "" : "s")}://{Host}:{Port}";
}

/// <summary>Messages that are asked for: a filter (shared ones too: $share/NAME/FILTER) and the QoS at most.</summary>
public sealed record MqttSubscription(string Filter, MqttQos Qos)
{
    /// <summary>What is wrong with a filter (MQTT 5.0, 4.7), or null.</summary>
    public static string? FaultOf(string filter) => Codec.MqttTopic.FaultOfFilter(filter);
}

/// <summary>What the broker publishes when the client is gone without a word.</summary>
public sealed record MqttWill(string Topic, byte[] Payload, MqttQos Qos = MqttQos.AtMostOnce, bool Retain = false);
