using System.Globalization;
using System.Net;
using Cep.Mqtt.Listening;
using Cep.Mqtt.Tests.Peers;

namespace Cep.Mqtt.Tests;

/// <summary>Against a broker and clients that are not ours.</summary>
public sealed class MosquittoTests
{
    [Theory]
    [InlineData(MqttVersion.V311, MqttQos.AtMostOnce)]
    [InlineData(MqttVersion.V311, MqttQos.AtLeastOnce)]
    [InlineData(MqttVersion.V311, MqttQos.ExactlyOnce)]
    [InlineData(MqttVersion.V5, MqttQos.AtMostOnce)]
    [InlineData(MqttVersion.V5, MqttQos.AtLeastOnce)]
    [InlineData(MqttVersion.V5, MqttQos.ExactlyOnce)]
    public async Task Messages_ThroughTheBroker_ArriveInOrder(MqttVersion version, MqttQos qos)
    {
        using var broker = await Mosquitto.StartAsync();
        await using var subscriber = await SubscribeAsync(broker.To(version, "sub"), new("t/+/x", qos));
        await using var publisher = await RunningClient.StartAsync(broker.To(version, "pub"));
        var publishing = new List<Task>();
        for (var i = 0; i < 2000; i++)
            publishing.Add(publisher.PublishAsync($"t/{i % 7}/x", $"{i}", qos));
        for (var i = 0; i < 2000; i++)
        {
            var message = await subscriber.Receiver.NextAsync();
            Assert.Equal(($"t/{i % 7}/x", $"{i}", qos), (message.Topic, message.Text, message.Qos));
        }

        await Task.WhenAll(publishing);
        Assert.False(subscriber.Receiver.TryNext(out _));
    }

    [Theory]
    [InlineData("mqttv311", "0")]
    [InlineData("mqttv311", "1")]
    [InlineData("mqttv311", "2")]
    [InlineData("mqttv5", "0")]
    [InlineData("mqttv5", "1")]
    [InlineData("mqttv5", "2")]
    public async Task MosquittoPub_ToOurListener_IsHeardAndContent(string version, string qos)
    {
        var address = new IPEndPoint(IPAddress.Loopback, 0);
        using var stop = new CancellationTokenSource();
        using var listener = MqttListener.Listen(new MqttListenerOptions(address), TimeProvider.System);
        var receiver = new Collector();
        var running = listener.RunAsync(_ => receiver, stop.Token);
        await Mosquitto.RunAsync(
            "mosquitto_pub", listener.Address.Port, "-V", version, "-q", qos, "-t", "dev/1", "-m", "hello",
            "--repeat", "5");
        for (var i = 0; i < 5; i++)
        {
            var message = await receiver.NextAsync();
            Assert.Equal(
                ("dev/1", "hello", qos), (message.Topic, message.Text, $"{(int)message.Qos}"));
        }

        await stop.CancelAsync();
        await running.WaitAsync(Collector.Limit);
    }

    [Theory]
    [InlineData(MqttVersion.V311, MqttQos.AtLeastOnce)]
    [InlineData(MqttVersion.V5, MqttQos.ExactlyOnce)]
    public async Task OurPublications_RetainedToo_ReachMosquittoSub(MqttVersion version, MqttQos qos)
    {
        using var broker = await Mosquitto.StartAsync();
        await using var publisher = await RunningClient.StartAsync(broker.To(version));
        await publisher.PublishAsync("kept/ü", "last words", qos, retain: true);
        var heard = await Mosquitto.RunAsync(
            "mosquitto_sub", broker.Port, "-t", "kept/#", "-q", "2", "-C", "1", "-F", "%t %q %r %p");
        Assert.Equal($"kept/ü {(int)qos} 1 last words", heard.Trim());
    }

    [Fact]
    public async Task Broker_ThatWasToldAReceiveMaximum_StopsThere()
    {
        using var broker = await Mosquitto.StartAsync();
        var options = broker.To(MqttVersion.V5, "slow") with { ReceiveMaximum = 5 };
        await using var slow = await SubscribeAsync(
            options, new("t", MqttQos.AtLeastOnce), new Collector(acknowledges: false));
        await using var publisher = await RunningClient.StartAsync(broker.To(MqttVersion.V5, "pub"));
        for (var i = 0; i < 20; i++)
            await publisher.PublishAsync("t", $"{i}");

        // what the broker sends before this acknowledgement has been received by then
        await slow.PublishAsync("unheard", "");
        var heard = new Queue<Collector.Received>();
        for (var i = 0; i < 5; i++)
            heard.Enqueue(await slow.Receiver.NextAsync());
        Assert.False(slow.Receiver.TryNext(out _));
        for (var i = 0; i < 20; i++)
        {
            if (heard.Count == 0)
                heard.Enqueue(await slow.Receiver.NextAsync());
            Assert.Equal($"{i}", heard.Peek().Text);
            heard.Dequeue().Receipt.Acknowledge();
        }
    }

    [Theory]
    [InlineData(MqttVersion.V311, MqttQos.AtLeastOnce)]
    [InlineData(MqttVersion.V5, MqttQos.AtLeastOnce)]
    [InlineData(MqttVersion.V5, MqttQos.ExactlyOnce)]
    public async Task Message_NotAcknowledgedWhenTheConnectionBroke_ComesAgain(MqttVersion version, MqttQos qos)
    {
        using var broker = await Mosquitto.StartAsync();
        using var cable = new Cable(broker.Port);
        var options = Lasting(broker.To(version, "lasting")) with { Port = cable.Port };
        await using var client = await SubscribeAsync(options, new("t", qos), new Collector(acknowledges: false));
        await using var publisher = await RunningClient.StartAsync(broker.To(version, "pub"));
        await publisher.PublishAsync("t", "precious", qos);
        var first = await client.Receiver.NextAsync();
        Assert.False(first.Duplicate);
        cable.Cut();
        await client.Receiver.NextStateAsync();
        Assert.Equal("resumed", await client.Receiver.NextStateAsync());
        if (qos == MqttQos.ExactlyOnce)
        {
            // the session knows that the application has it: once it is acknowledged, nothing comes any more
            first.Receipt.Acknowledge();
            await publisher.PublishAsync("t", "next", MqttQos.AtMostOnce);
            Assert.Equal("next", (await client.Receiver.NextAsync()).Text);
            return;
        }

        var second = await client.Receiver.NextAsync();
        Assert.Equal(("precious", true, first.Id), (second.Text, second.Duplicate, second.Id));
        second.Receipt.Acknowledge();
        await publisher.PublishAsync("t", "next", qos);
        Assert.Equal("next", (await client.Receiver.NextAsync()).Text);
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task Broker_StartedAgain_GoesOnWithTheSession(MqttVersion version)
    {
        using var broker = await Mosquitto.StartAsync();
        await using var client = await SubscribeAsync(
            Lasting(broker.To(version, "lasting")), new("t/#", MqttQos.AtLeastOnce));
        await using var publisher = await RunningClient.StartAsync(Lasting(broker.To(version, "pub")));
        await publisher.PublishAsync("t/1", "before");
        Assert.Equal("before", (await client.Receiver.NextAsync()).Text);
        await broker.StopAsync();
        var publishing = publisher.PublishAsync("t/2", "after");
        await broker.StartAgainAsync();
        await publishing;
        Assert.Equal("after", (await client.Receiver.NextAsync()).Text);
    }

    [Fact]
    public async Task Tls_WithAClientsCertificate_IsTakenByTheBroker()
    {
        using var files = new Certificates();
        using var broker = await Mosquitto.StartAsync($"""
            cafile {files.Ca}
            certfile {files.PathOf("server.pem")}
            keyfile {files.PathOf("server.key")}
            require_certificate true
            use_identity_as_username true
            """);
        var own = new MqttTls(files.Ca, files.PathOf("client.pem"), files.PathOf("client.key"));
        var options = broker.To(MqttVersion.V5) with { Tls = own };
        await using var client = await SubscribeAsync(options, new("t", MqttQos.AtLeastOnce));
        await client.PublishAsync("t", new string('x', 100_000));
        Assert.Equal(100_000, (await client.Receiver.NextAsync()).Text.Length);
    }

    [Theory]
    [InlineData(MqttVersion.V311, "the broker refused the connection: not authorized")]
    [InlineData(MqttVersion.V5, "the broker refused the connection: NotAuthorized")]
    public async Task BadPassword_IsToldAndTriedAgain(MqttVersion version, string why)
    {
        var passwords = Mosquitto.PasswordFile("cep", "right");
        using var broker = await Mosquitto.StartAsync($"allow_anonymous false\npassword_file {passwords}");
        var bad = broker.To(version) with { Username = "cep", Password = "wrong" };
        await using var client = new RunningClient(bad);
        Assert.Equal(why, await client.Receiver.NextStateAsync());
        Assert.Equal(why, await client.Receiver.NextStateAsync());
        await using var good = await RunningClient.StartAsync(bad with { Password = "right" });
        File.Delete(passwords);
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task SharedSubscription_DealsMessagesToOneOfSeveral(MqttVersion version)
    {
        using var broker = await Mosquitto.StartAsync();
        var all = new Collector();
        var shared = new MqttSubscription("$share/g/t/#", MqttQos.AtLeastOnce);
        await using var one = await SubscribeAsync(broker.To(version, "one"), shared, all);
        await using var two = await SubscribeAsync(broker.To(version, "two"), shared, all);
        await using var publisher = await RunningClient.StartAsync(broker.To(version, "pub"));
        for (var i = 0; i < 100; i++)
            await publisher.PublishAsync($"t/{i}", $"{i}");
        var seen = new HashSet<int>();
        for (var i = 0; i < 100; i++)
            Assert.True(seen.Add(int.Parse((await all.NextAsync()).Text, CultureInfo.InvariantCulture)));
        Assert.False(all.TryNext(out _));
    }

    [Fact]
    public async Task Will_OfAClientThatIsCutOff_IsPublishedByTheBroker()
    {
        using var broker = await Mosquitto.StartAsync();
        using var cable = new Cable(broker.Port);
        await using var watching = await SubscribeAsync(
            broker.To(MqttVersion.V5, "watch"), new("gone/#", MqttQos.AtLeastOnce));
        await using var client = await RunningClient.StartAsync(broker.To(MqttVersion.V5) with
        {
            Port = cable.Port,
            Will = new MqttWill("gone/cep", "bye"u8.ToArray(), MqttQos.AtLeastOnce),
        });
        cable.Cut();
        var will = await watching.Receiver.NextAsync();
        Assert.Equal(("gone/cep", "bye"), (will.Topic, will.Text));
    }

    [Fact]
    public async Task Message_LargerThanTheBrokerTakes_IsRefusedAtOnce()
    {
        using var broker = await Mosquitto.StartAsync("allow_anonymous true\nmax_packet_size 1000");
        await using var client = await RunningClient.StartAsync(broker.To(MqttVersion.V5));
        var e = await Assert.ThrowsAsync<MqttRefusedException>(
            () => client.PublishAsync("t", new string('x', 2000)));
        Assert.Equal(ReasonCode.PacketTooLarge, e.Reason);
        await client.PublishAsync("t", "small");
    }

    private static MqttConnectionOptions Lasting(MqttConnectionOptions options) =>
        options with { CleanStart = false, SessionExpiry = TimeSpan.FromHours(1) };

    /// <summary>Starts a client and waits until the broker has its subscription.</summary>
    private static async Task<RunningClient> SubscribeAsync(
        MqttConnectionOptions options, MqttSubscription subscription, Collector? receiver = null)
    {
        receiver ??= new Collector();
        var probe = new MqttSubscription($"probe/{options.ClientId}", MqttQos.AtMostOnce);
        var client = await RunningClient.StartAsync(
            options with { Subscriptions = [subscription, probe] }, receiver);
        await client.PublishAsync(probe.Filter, "subscribed", MqttQos.AtMostOnce);
        Assert.Equal("subscribed", (await receiver.NextAsync()).Text);
        return client;
    }
}
