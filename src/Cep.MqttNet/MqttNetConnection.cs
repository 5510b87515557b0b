using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using Cep.Mqtt;
using Cep.Mqtt.Wire;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Cep.MqttNet;

/// <summary>The client's side of MQTT, spoken by MQTTnet 5.</summary>
/// <remarks>
/// MQTTnet reads on while the receiver is busy: only messages of QoS 1 and 2 are held back, by the receive maximum,
/// which a broker of MQTT 3.1.1 does not know.
/// </remarks>
public sealed class MqttNetConnection : IMqttConnection
{
    private readonly MqttConnectionOptions _options;
    private readonly TimeProvider _clock;
    private TaskCompletionSource<IMqttClient> _client = NewClient();
    private bool _connectedBefore;

    public MqttNetConnection(MqttConnectionOptions options, TimeProvider clock)
    {
        _options = options;
        _clock = clock;
    }

    public async Task RunAsync(IMqttReceiver receiver, CancellationToken stop)
    {
        var backoff = new Backoff(_options.FirstPause, _options.LongestPause, _clock);
        while (true)
        {
            var begin = _clock.GetTimestamp();
            try
            {
                await ConnectAndReceiveAsync(receiver, stop);
            }
            catch (Exception e) when (e is MqttCommunicationException or MqttRefusedException or IOException)
            {
                stop.ThrowIfCancellationRequested();
                receiver.OnDisconnected(e.Message);
                if (!_options.Reconnects)
                    throw e is MqttRefusedException or IOException ? e : new IOException(e.Message, e);
            }

            if (_clock.GetElapsedTime(begin) > _options.LongestPause)
                backoff.Reset();
            await backoff.PauseAsync(stop);
        }
    }

    public async Task PublishAsync(MqttPublication message, CancellationToken stop)
    {
        var outgoing = new MqttApplicationMessage
        {
            Topic = message.Topic,
            Payload = new ReadOnlySequence<byte>(message.Payload),
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)message.Qos,
            Retain = message.Retain,
        };
        while (true)
        {
            var client = await _client.Task.WaitAsync(stop);
            try
            {
                var result = await client.PublishAsync(outgoing, stop);
                if (result.IsSuccess)
                    return;
                throw new MqttRefusedException(
                    (ReasonCode)(byte)result.ReasonCode,
                    $"the broker refused a message to '{message.Topic}': {result.ReasonCode}");
            }
            catch (MqttCommunicationException) when (_options.Reconnects)
            {
                // again on the next connection
                await Task.Delay(_options.FirstPause, _clock, stop);
            }
        }
    }

    private static TaskCompletionSource<IMqttClient> NewClient() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ConnectAndReceiveAsync(IMqttReceiver receiver, CancellationToken stop)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var why = "the connection ended";
        var acknowledgements = new MqttNetAcknowledgements();
        var messages = Channel.CreateBounded<MqttApplicationMessageReceivedEventArgs>(_options.ReceiveMaximum);
        client.DisconnectedAsync += args =>
        {
            why = args.ReasonString ?? args.Exception?.Message ?? $"the broker ended the connection: {args.Reason}";
            return end.CancelAsync();
        };
        client.ApplicationMessageReceivedAsync += args =>
        {
            args.AutoAcknowledge = false;
            return messages.Writer.WriteAsync(args, end.Token).AsTask();
        };
        var result = await client.ConnectAsync(Connect(), stop);
        if (result.ResultCode != MqttClientConnectResultCode.Success)
            throw new MqttRefusedException(
                (ReasonCode)(byte)result.ResultCode, $"the broker refused the connection: {result.ResultCode}");
        receiver.OnConnected(result.IsSessionPresent);
        var sending = acknowledgements.RunAsync(end.Token);
        try
        {
            if (_options.Subscriptions.Count > 0 && !(result.IsSessionPresent && _connectedBefore))
                await SubscribeAsync(client, end.Token);
            _connectedBefore = true;
            _client.TrySetResult(client);
            await ReceiveAsync(messages.Reader, receiver, acknowledgements, end.Token, stop);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new IOException(why);
        }
        finally
        {
            _client = NewClient();
            await end.CancelAsync();
            await sending;
            if (client.IsConnected)
                await client.DisconnectAsync(new MqttClientDisconnectOptions(), CancellationToken.None);
        }
    }

    private static async Task ReceiveAsync(
        ChannelReader<MqttApplicationMessageReceivedEventArgs> messages, IMqttReceiver receiver,
        MqttNetAcknowledgements acknowledgements, CancellationToken end, CancellationToken stop)
    {
        while (await messages.WaitToReadAsync(end))
        {
            while (messages.TryRead(out var message) && Take(message, receiver, acknowledgements))
            {
            }

            await receiver.FlushAsync(stop);
        }
    }

    private static bool Take(
        MqttApplicationMessageReceivedEventArgs args, IMqttReceiver receiver, MqttNetAcknowledgements acknowledgements)
    {
        var message = args.ApplicationMessage;
        var takesReceipt = message.QualityOfServiceLevel != MqttQualityOfServiceLevel.AtMostOnce;
        return receiver.OnMessage(new MqttMessage
        {
            Topic = Encoding.UTF8.GetBytes(message.Topic),
            Payload = message.Payload.IsSingleSegment ? message.Payload.FirstSpan : message.Payload.ToArray(),
            Qos = (MqttQos)message.QualityOfServiceLevel,
            Retain = message.Retain,
            Duplicate = message.Dup,
            PacketId = takesReceipt ? args.PacketIdentifier : (ushort)0,
            Receipt = takesReceipt ? new MqttReceipt(acknowledgements, acknowledgements.Add(args)) : default,
        });
    }

    private async Task SubscribeAsync(IMqttClient client, CancellationToken stop)
    {
        var builder = new MqttClientSubscribeOptionsBuilder();
        foreach (var subscription in _options.Subscriptions)
            builder.WithTopicFilter(subscription.Filter, (MqttQualityOfServiceLevel)subscription.Qos);
        var result = await client.SubscribeAsync(builder.Build(), stop);
        foreach (var item in result.Items)
            if ((byte)item.ResultCode >= 0x80)
                throw new MqttRefusedException(
                    (ReasonCode)(byte)item.ResultCode,
                    $"the broker refused the subscription '{item.TopicFilter.Topic}': {item.ResultCode}");
    }

    private MqttClientOptions Connect()
    {
        var builder = new MqttClientOptionsBuilder()
            .WithTcpServer(_options.Host, _options.Port)
            .WithProtocolVersion(
                _options.Version == MqttVersion.V5 ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311)
            .WithClientId(_options.ClientId)
            .WithKeepAlivePeriod(_options.KeepAlive)
            .WithTimeout(_options.ConnectTimeout)
            .WithCleanStart(_options.CleanStart && !(_options.Version == MqttVersion.V5 && _connectedBefore));
        if (_options.Username is not null)
            builder.WithCredentials(_options.Username, _options.Password ?? "");
        if (_options.Version == MqttVersion.V5)
            builder.WithReceiveMaximum((ushort)_options.ReceiveMaximum)
                .WithMaximumPacketSize((uint)_options.Limits.PacketBytes)
                .WithSessionExpiryInterval((uint)Math.Min(uint.MaxValue, _options.SessionExpiry.TotalSeconds));
        if (_options.Will is { } will)
            builder.WithWillTopic(will.Topic).WithWillPayload(will.Payload).WithWillRetain(will.Retain)
                .WithWillQualityOfServiceLevel((MqttQualityOfServiceLevel)will.Qos);
        if (_options.Tls is { } tls)
            builder.WithTlsOptions(o => Secure(o, tls));
        return builder.Build();
    }

    private void Secure(MqttClientTlsOptionsBuilder builder, MqttTls tls)
    {
        builder.UseTls().WithTargetHost(_options.Host);
        if (tls.CertificateFile is { } own)
            builder.WithClientCertificates(
                new X509Certificate2Collection(X509Certificate2.CreateFromPemFile(own, tls.KeyFile ?? own)));
        if (tls.CaFile is null)
            return;
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(tls.CaFile);
        builder.WithTrustChain(authorities);
    }
}
