using System.Diagnostics;
using System.Globalization;
using System.Net;
using Cep.Mqtt.Listening;
using Cep.Mqtt.Tests.Peers;

namespace Cep.Mqtt.Tests;

/// <summary>Our listener against MQTT.js, our client against aedes.</summary>
public sealed class JavaScriptTests(JavaScriptPeers peers) : IClassFixture<JavaScriptPeers>, IAsyncDisposable
{
    /// <summary>Publishes numbers; says how many are acknowledged, and ends when all are.</summary>
    private const string Publish =
        """
        const [port, version, qos, count, aliases] = process.argv.slice(1).map(Number);
        const client = require('mqtt').connect(`mqtt://127.0.0.1:${port}`, {
          protocolVersion: version, clientId: 'js', clean: false, reconnectPeriod: 20, keepalive: 10,
          properties: version === 5 ? { sessionExpiryInterval: 3600, topicAliasMaximum: 10 } : undefined,
          autoAssignTopicAlias: aliases === 1,
        });
        let done = 0;
        client.on('error', e => console.error(e.message));
        for (let i = 0; i < count; i++)
          client.publish(`js/${i % 5}`, String(i), { qos }, e => {
            if (e) { console.log('failed ' + e.message); process.exit(1); }
            console.log(++done);
            if (done === count) client.end();
          });
        """;

    private const string Broker =
        """
        const { Aedes } = require('aedes');
        Aedes.createBroker().then(broker => {
          const server = require('net').createServer(broker.handle);
          server.listen(0, '127.0.0.1', () => console.log(server.address().port));
        });
        """;

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Process> _processes = [];
    private Task _running = Task.CompletedTask;

    [Theory]
    [InlineData(4, 0)]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    [InlineData(5, 0)]
    [InlineData(5, 1)]
    [InlineData(5, 2)]
    public async Task MqttJs_ToOurListener_IsHeardOnce(int version, int qos)
    {
        var (receiver, port) = Listen();
        var publisher = Run(Publish, port, version, qos, 500, version == 5 ? 1 : 0);
        var seen = new Dictionary<int, int>();
        while (seen.Count < 500)
            Count(seen, await receiver.NextAsync());
        await publisher.WaitForExitAsync().WaitAsync(Collector.Limit);
        Assert.True(publisher.ExitCode == 0, await publisher.StandardOutput.ReadToEndAsync());
        Assert.All(seen.Values, n => Assert.Equal(1, n));
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    [InlineData(5, 1)]
    [InlineData(5, 2)]
    public async Task MqttJs_CutOffWhilePublishing_LosesNothingAndDoublesNothingOfQosTwo(int version, int qos)
    {
        var (receiver, port) = Listen();
        using var cable = new Cable(port);

        // without topic aliases: what it sends again after a reconnect would have those of the connection before
        var publisher = Run(Publish, cable.Port, version, qos, 2000, 0);
        var seen = new Dictionary<int, int>();
        var acknowledged = 0;
        while (await publisher.StandardOutput.ReadLineAsync().WaitAsync(Collector.Limit) is { } line)
        {
            acknowledged = int.Parse(line, CultureInfo.InvariantCulture);
            if (acknowledged % 500 == 0 && acknowledged < 2000)
                cable.Cut();
        }

        Assert.Equal(2000, acknowledged);
        while (receiver.TryNext(out var message))
            Count(seen, message!);
        Assert.Equal(2000, seen.Count);
        if (qos == 2)
            Assert.All(seen.Values, n => Assert.Equal(1, n));
    }

    [Theory]
    [InlineData(MqttQos.AtMostOnce)]
    [InlineData(MqttQos.AtLeastOnce)]
    [InlineData(MqttQos.ExactlyOnce)]
    public async Task Messages_ThroughAedes_ArriveOnce(MqttQos qos)
    {
        var broker = await AedesAsync();
        var receiver = new Collector();
        await using var subscriber = await SubscribeAsync(broker, "sub", qos, receiver);
        await using var publisher = await RunningClient.StartAsync(To(broker, "pub"));
        for (var i = 0; i < 300; i++)
            await publisher.PublishAsync($"js/{i % 5}", $"{i}", qos);
        var seen = new Dictionary<int, int>();
        while (seen.Count < 300)
            Count(seen, await NextAsync(receiver));
        Assert.All(seen.Values, n => Assert.Equal(1, n));
    }

    [Fact]
    public async Task Message_NotAcknowledgedToAedes_ComesAgainToTheSameSession()
    {
        var broker = await AedesAsync();
        using var cable = new Cable(broker);
        var receiver = new Collector(acknowledges: false);
        await using var subscriber = await SubscribeAsync(cable.Port, "sub", MqttQos.AtLeastOnce, receiver);
        await using var publisher = await RunningClient.StartAsync(To(broker, "pub"));
        await publisher.PublishAsync("js/1", "1");
        var first = await NextAsync(receiver);
        cable.Cut();
        var second = await NextAsync(receiver);

        // without the duplicate flag, which MQTT 3.1.1 asks for (3.3.1.1)
        Assert.Equal(("1", first.Id), (second.Text, second.Id));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(Collector.Limit);
        foreach (var process in _processes)
        {
            if (!process.HasExited)
                process.Kill();
            process.Dispose();
        }
    }

    private static MqttConnectionOptions To(int port, string clientId) =>
        new("127.0.0.1", port) { Version = MqttVersion.V311, ClientId = clientId };

    private static async Task<RunningClient> SubscribeAsync(int port, string clientId, MqttQos qos, Collector receiver)
    {
        var options = To(port, clientId) with
        {
            CleanStart = false,
            SessionExpiry = TimeSpan.FromHours(1),
            Subscriptions = [new MqttSubscription("js/+", qos), new MqttSubscription("probe", MqttQos.AtMostOnce)],
        };
        var client = await RunningClient.StartAsync(options, receiver);

        // aedes may take a message before the subscription that came earlier
        Collector.Received? probe;
        for (var left = 3000; !receiver.TryNext(out probe); left--)
        {
            Assert.True(left > 0, "no probe comes through");
            await client.PublishAsync("probe", "subscribed", MqttQos.AtMostOnce);
            await Task.Delay(20);
        }

        Assert.Equal("subscribed", probe!.Text);
        return client;
    }

    private static async Task<Collector.Received> NextAsync(Collector receiver)
    {
        while (true)
            if (await receiver.NextAsync() is { Topic: not "probe" } message)
                return message;
    }

    private static void Count(Dictionary<int, int> seen, Collector.Received message)
    {
        var number = int.Parse(message.Text, CultureInfo.InvariantCulture);
        Assert.Equal($"js/{number % 5}", message.Topic);
        seen[number] = seen.GetValueOrDefault(number) + 1;
    }

    private Process Run(string script, params int[] arguments)
    {
        var process = peers.Start(script, [.. arguments.Select(a => a.ToString(CultureInfo.InvariantCulture))]);
        _processes.Add(process);
        return process;
    }

    private async Task<int> AedesAsync()
    {
        var line = await Run(Broker).StandardOutput.ReadLineAsync().WaitAsync(Collector.Limit);
        return int.Parse(line!, CultureInfo.InvariantCulture);
    }

    private (Collector Receiver, int Port) Listen()
    {
        var receiver = new Collector();
        var options = new MqttListenerOptions(new IPEndPoint(IPAddress.Loopback, 0));
        var listener = MqttListener.Listen(options, TimeProvider.System);
        _running = listener.RunAsync(_ => receiver, _stop.Token);
        return (receiver, listener.Address.Port);
    }
}
