using System.Text.RegularExpressions;
using Cep.Alerts;
using Cep.Connectors.Formats;
using Cep.Mqtt;
using Cep.Mqtt.Client;
using Cep.Plans;

namespace Cep.Connectors.Mqtt;

/// <summary>
/// Publishes alerts as JSON. An alert is delivered when the broker has taken it as its QoS says; while there is no
/// connection deliveries wait, for a time.
/// </summary>
public sealed partial class MqttSink : ISink, IDisposable, IMqttReceiver
{
    private static readonly TimeSpan DeliveryLimit = TimeSpan.FromMinutes(2);
    private readonly MqttSinkOptions _options;
    private readonly IMqttConnection _connection;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private volatile string _state = "it has not answered yet";

    /// <param name="name">Its name in the deployment file.</param>
    /// <param name="broker">Where to publish.</param>
    /// <param name="options">To what topic, and how.</param>
    /// <param name="clock">Measures silence and pauses.</param>
    /// <param name="connector">Makes the client, if it is to be another than our own.</param>
    public MqttSink(
        string name, MqttConnectionOptions broker, MqttSinkOptions options, TimeProvider clock,
        MqttConnector? connector = null)
    {
        Name = name;
        _options = options;
        _clock = clock;
        _connection = connector?.Invoke(broker, clock) ?? new MqttClient(broker, clock);
        _running = RunAsync();
    }

    public string Name { get; }

    /// <summary>What is wrong with a topic's template, or null.</summary>
    public static string? FaultOf(string template)
    {
        foreach (Match match in Hole().Matches(template))
            if (match.Groups[1].Value is not ("rule" or "severity" or "status" or "id")
                && !match.Groups[1].Value.StartsWith("key.", StringComparison.Ordinal)
                && !match.Groups[1].Value.StartsWith("labels.", StringComparison.Ordinal))
                return $"a topic has no '{match.Value}'; it may have {{rule}}, {{severity}}, {{status}}, {{id}}, "
                    + "{key.NAME}, {labels.NAME}";
        var rest = Hole().Replace(template, "");
        if (template.Length == 0)
            return "the topic is empty";
        return rest.AsSpan().IndexOfAny("+#{}\0") < 0 ? null : "a topic holds no wildcards and no lone braces";
    }

    public async Task SendAsync(Alert alert, CancellationToken stop)
    {
        var buffer = new Utf8Buffer();
        AlertJson.Write(buffer, alert);
        var message = new MqttPublication(TopicOf(alert), buffer.Written.ToArray())
        {
            Qos = _options.Qos,
            Retain = _options.Retain,
        };
        using var timeout = new CancellationTokenSource(DeliveryLimit, _clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            await _connection.PublishAsync(message, limit.Token);
        }
        catch (Exception e) when (e is MqttRefusedException or MqttProtocolException)
        {
            throw new DeliveryException(e.Message);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new DeliveryException($"the broker did not take it in time: {_state}");
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _running.Wait();
        _stop.Dispose();
    }

    void IMqttReceiver.OnConnected(bool sessionPresent) => _state = "it is connected, but does not answer";

    void IMqttReceiver.OnDisconnected(string reason) => _state = reason;

    bool IMqttReceiver.OnMessage(in MqttMessage message)
    {
        // nothing was asked for
        message.Receipt.Acknowledge();
        return true;
    }

    ValueTask IMqttReceiver.FlushAsync(CancellationToken stop) => ValueTask.CompletedTask;

    private async Task RunAsync()
    {
        try
        {
            await _connection.RunAsync(this, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // disposed
        }
    }

    private string TopicOf(Alert alert) => Hole().Replace(_options.Topic, match => Level(match.Groups[1].Value switch
    {
        "rule" => alert.Rule,
        "severity" => Enum.GetName(alert.Severity)!.ToLowerInvariant(),
        "status" => alert.Status == AlertStatus.Firing ? "firing" : "resolved",
        "id" => alert.Id,
        var name when name.StartsWith("key.", StringComparison.Ordinal) =>
            Convert.ToString(
                alert.Key.FirstOrDefault(k => k.Key == name[4..]).Value,
                System.Globalization.CultureInfo.InvariantCulture) ?? "",
        var name => alert.Labels.FirstOrDefault(l => l.Key == name["labels.".Length..]).Value ?? "",
    }));

    /// <summary>A value as one level of a topic, whatever it holds.</summary>
    private static string Level(string text) => NotInLevels().Replace(text, "_");

    [GeneratedRegex(@"\{([^{}]*)\}")]
    private static partial Regex Hole();

    [GeneratedRegex(@"[/+#\0\p{Cs}]")]
    private static partial Regex NotInLevels();
}

/// <summary>To what topic alerts are published, and how.</summary>
/// <param name="Topic">With <c>{rule}</c>, <c>{severity}</c>, <c>{status}</c>, <c>{id}</c>, <c>{key.NAME}</c>,
/// <c>{labels.NAME}</c> in it; what they stand for becomes one level.</param>
public sealed record MqttSinkOptions(string Topic)
{
    public MqttQos Qos { get; init; } = MqttQos.AtLeastOnce;

    /// <summary>Whether the broker keeps the last message of each topic for those who subscribe later.</summary>
    public bool Retain { get; init; }
}
