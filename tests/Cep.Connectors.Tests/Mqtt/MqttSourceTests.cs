using System.Net;
using System.Text;
using Cep.Connectors.Formats;
using Cep.Connectors.Mqtt;
using Cep.Events;
using Cep.Mqtt;
using Cep.Mqtt.Listening;
using Cep.Mqtt.Tests.Peers;

namespace Cep.Connectors.Tests.Mqtt;

public sealed class MqttSourceTests
{
    private static readonly StreamSchema Schema = new(
        "readings", [new("device", DataType.String), new("x", DataType.Integer)]);

    private static readonly MqttSourceOptions Mapped = new()
    {
        Map = new Dictionary<string, FieldSource> { ["device"] = FieldSource.Parse("topic[1]", out _)! },
    };

    [Theory]
    [InlineData(MqttVersion.V311, MqttQos.AtLeastOnce)]
    [InlineData(MqttVersion.V5, MqttQos.AtLeastOnce)]
    [InlineData(MqttVersion.V5, MqttQos.ExactlyOnce)]
    public async Task Messages_KeptButNotAcknowledgedAtACrash_GiveOneEventEach(MqttVersion version, MqttQos qos)
    {
        using var broker = await Mosquitto.StartAsync();
        using var cable = new Cable(broker.Port);
        var options = Lasting(broker.To(version, "engine"), qos) with { Port = cable.Port };
        await using var publisher = await RunningClient.StartAsync(broker.To(version, "device"));
        var journal = new Journal { Tells = false };
        await using (var first = await RunningSource.StartAsync(Connect(options), journal, publisher))
        {
            for (var i = 0; i < 10; i++)
                await publisher.PublishAsync("dev/a", $"{{\"x\":{i}}}", qos);
            for (var i = 0L; i < 10; i++)
                Assert.Equal(i, await journal.NextAsync("x"));
            cable.Cut();
            journal.Forget();
        }

        journal.Tells = true;
        await using var second = await RunningSource.StartAsync(Connect(options), journal, null);
        Assert.Equal(10, await journal.CountAsync(() => journal.Duplicates, 10));
        await publisher.PublishAsync("dev/a", "{\"x\":10}", qos);
        Assert.Equal(10L, await journal.NextAsync("x"));
        Assert.False(journal.HasMore);
        Assert.Equal(10, journal.Duplicates);
    }

    [Fact]
    public async Task Messages_SentAgainAfterAReconnect_AreNotHandedOverAgainButAcknowledged()
    {
        using var broker = await Mosquitto.StartAsync();
        using var cable = new Cable(broker.Port);
        var options = Lasting(broker.To(MqttVersion.V5, "engine"), MqttQos.AtLeastOnce) with
        {
            Port = cable.Port,
            ReceiveMaximum = 4,
        };
        await using var publisher = await RunningClient.StartAsync(broker.To(MqttVersion.V5, "device"));
        var journal = new Journal { Tells = false };
        await using var source = await RunningSource.StartAsync(Connect(options), journal, publisher);
        for (var i = 0; i < 4; i++)
            await publisher.PublishAsync("dev/a", "{\"x\":1}");
        for (var i = 0; i < 4; i++)
            Assert.Equal(1L, await journal.NextAsync("x"));
        cable.Cut();
        Assert.Equal(4, await journal.CountAsync(() => journal.Duplicates, 4));
        journal.TellAll();
        await publisher.PublishAsync("dev/a", "{\"x\":2}");
        Assert.Equal(2L, await journal.NextAsync("x"));
        Assert.Equal(4, journal.Duplicates);
    }

    [Fact]
    public async Task Payloads_ThatAreNoEvents_AreRejectedWithTopicAndReason()
    {
        using var broker = await Mosquitto.StartAsync();
        var options = Lasting(broker.To(MqttVersion.V5, "engine"), MqttQos.AtLeastOnce);
        await using var publisher = await RunningClient.StartAsync(broker.To(MqttVersion.V5, "device"));
        var journal = new Journal();
        await using var source = await RunningSource.StartAsync(Connect(options), journal, publisher);
        await publisher.PublishAsync("dev/a", "{\"x\":\"no\"}");
        await publisher.PublishAsync("dev/b", "nonsense");
        await publisher.PublishAsync("dev/c", "");
        await publisher.PublishAsync("dev/d", "[{\"x\":1},{\"x\":2}]");
        Assert.Equal(1L, await journal.NextAsync("x"));
        Assert.Equal(
            [
                "topic 'dev/a': field 'x' must be an integer, but is the string \"no\"",
                "topic 'dev/b': broken JSON at byte 2: 'nonsense' is an invalid JSON literal. "
                    + "Expected the literal 'null'.",
                "topic 'dev/c': an empty payload",
            ],
            journal.Rejected.Select(r => r.Reason));
        Assert.Equal("{\"x\":\"no\"}", journal.Rejected[0].Raw);
    }

    [Theory]
    [InlineData(MqttVersion.V311, MqttQos.AtLeastOnce)]
    [InlineData(MqttVersion.V5, MqttQos.AtLeastOnce)]
    [InlineData(MqttVersion.V5, MqttQos.ExactlyOnce)]
    public async Task Devices_PublishingWhileTheEngineDiesAndComesBack_GiveOneEventEach(
        MqttVersion version, MqttQos qos)
    {
        var journal = new Journal { Tells = false };
        var source = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var running = new RunningSource(source, journal);
        using var cable = new Cable(source.Port);
        await using var device = await RunningClient.StartAsync(new MqttConnectionOptions("127.0.0.1", cable.Port)
        {
            Version = version,
            ClientId = "device-1",
            CleanStart = false,
            SessionExpiry = TimeSpan.FromHours(1),
        });
        var publishing = new List<Task>();
        for (var i = 0; i < 10; i++)
            publishing.Add(device.PublishAsync("dev/a", $"{{\"x\":{i}}}", qos));
        for (var i = 0L; i < 10; i++)
            Assert.Equal(i, await journal.NextAsync("x"));
        cable.Cut();
        await running.DisposeAsync();
        journal.Forget();
        journal.Tells = true;
        await using var again = new RunningSource(Listen(new IPEndPoint(IPAddress.Loopback, cable.Target)), journal);
        await Task.WhenAll(publishing);
        Assert.Equal(10, await journal.CountAsync(() => journal.Duplicates, 10));
        await device.PublishAsync("dev/b", "{\"x\":10}", qos);
        Assert.Equal("b", await journal.NextAsync("device"));
        Assert.False(journal.HasMore);
    }

    [Fact]
    public async Task Wills_OfDevices_AreEvents()
    {
        var journal = new Journal();
        var source = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await using var running = new RunningSource(source, journal);
        using var cable = new Cable(source.Port);
        await using var device = await RunningClient.StartAsync(new MqttConnectionOptions("127.0.0.1", cable.Port)
        {
            ClientId = "device-1",
            Will = new MqttWill("gone/device-1", Encoding.UTF8.GetBytes("{\"x\":-1}")),
        });
        cable.Cut();
        Assert.Equal("device-1", await journal.NextAsync("device"));
    }

    private static MqttSource Connect(MqttConnectionOptions options) =>
        MqttSource.Connect(
            options with { FirstPause = TimeSpan.FromMilliseconds(20) }, Schema, new DecoderOptions(), Mapped,
            TimeProvider.System);

    private static MqttSource Listen(IPEndPoint address) => MqttSource.Listen(
        new MqttListenerOptions(address), Schema, new DecoderOptions(), Mapped, TimeProvider.System);

    private static MqttConnectionOptions Lasting(MqttConnectionOptions options, MqttQos qos) => options with
    {
        CleanStart = false,
        SessionExpiry = TimeSpan.FromHours(1),
        Subscriptions = [new MqttSubscription("dev/+", qos), new MqttSubscription("ready/+", MqttQos.AtMostOnce)],
    };
}
