using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Cep.Mqtt.Codec;
using Cep.Mqtt.Listening;
using Cep.Mqtt.Tests.Peers;

namespace Cep.Mqtt.Tests;

public sealed class ListenerTests : IAsyncLifetime
{
    private static readonly MqttListenerOptions Anywhere = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, Collector> _receivers = new();
    private MqttListener? _listener;
    private Task _running = Task.CompletedTask;

    private int Port => _listener!.Address.Port;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(Collector.Limit);
        _listener?.Dispose();
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task Client_PublishingAtAnyQos_IsHeardOnce(MqttVersion version)
    {
        var device = Listen(Anywhere, "device");
        await using var client = await RunningClient.StartAsync(To(version));
        for (var qos = 0; qos < 3; qos++)
            for (var i = 0; i < 100; i++)
                await client.PublishAsync($"t/{i}", $"{qos}:{i}", (MqttQos)qos);
        for (var qos = 0; qos < 3; qos++)
            for (var i = 0; i < 100; i++)
            {
                var message = await device.NextAsync();
                Assert.Equal(($"t/{i}", $"{qos}:{i}", (MqttQos)qos), (message.Topic, message.Text, message.Qos));
            }

        Assert.False(device.TryNext(out _));
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task Acknowledgements_GivenInAnyOrder_AreSentInTheOrderOfReceipt(MqttVersion version)
    {
        var device = Listen(Anywhere, "raw", acknowledges: false);
        using var peer = new RawPeer(Port, version);
        await peer.ConnectAsync("raw", clean: true);
        for (ushort id = 1; id <= 3; id++)
            await peer.SendAsync(Message(id, "x", MqttQos.AtLeastOnce));
        var messages = new[] { await device.NextAsync(), await device.NextAsync(), await device.NextAsync() };
        messages[2].Receipt.Acknowledge();
        messages[1].Receipt.Acknowledge();
        await peer.SendAsync(new PingPacket(PacketType.Pingreq));
        Assert.IsType<PingPacket>(await peer.ReadAsync());
        messages[0].Receipt.Acknowledge();
        for (ushort id = 1; id <= 3; id++)
            Assert.Equal((PacketType.Puback, id), Ack(await peer.ReadAsync()));
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task QosTwo_SentAgainAfterTheConnectionBroke_IsHandedOverOnce(MqttVersion version)
    {
        var device = Listen(Anywhere, "raw", acknowledges: false);
        Collector.Received first;
        using (var peer = new RawPeer(Port, version))
        {
            Assert.False((await peer.ConnectAsync("raw", clean: false)).SessionPresent);
            await peer.SendAsync(Message(7, "once", MqttQos.ExactlyOnce));
            first = await device.NextAsync();
        }

        using var again = new RawPeer(Port, version);
        Assert.True((await again.ConnectAsync("raw", clean: false)).SessionPresent);
        await again.SendAsync(Message(7, "once", MqttQos.ExactlyOnce) with { Duplicate = true });
        await again.SendAsync(Message(8, "marker", MqttQos.AtMostOnce));
        Assert.Equal("marker", (await device.NextAsync()).Text);
        first.Receipt.Acknowledge();
        Assert.Equal((PacketType.Pubrec, (ushort)7), Ack(await again.ReadAsync()));
        await again.SendAsync(new AckPacket(PacketType.Pubrel, 7, ReasonCode.Success));
        Assert.Equal((PacketType.Pubcomp, (ushort)7), Ack(await again.ReadAsync()));
        await again.SendAsync(Message(7, "another", MqttQos.ExactlyOnce));
        Assert.Equal("another", (await device.NextAsync()).Text);
    }

    [Fact]
    public async Task Client_WithTheIdOfAnother_TakesItsPlace()
    {
        var device = Listen(Anywhere, "same");
        using var first = new RawPeer(Port, MqttVersion.V5);
        await first.ConnectAsync("same", clean: true);
        Assert.Equal("connected", await device.NextStateAsync());
        using var second = new RawPeer(Port, MqttVersion.V5);
        await second.ConnectAsync("same", clean: true);
        Assert.Equal(ReasonCode.SessionTakenOver, Assert.IsType<ReasonPacket>(await first.ReadAsync()).Reason);
        Assert.Equal("another connection has the same client id", await device.NextStateAsync());
        Assert.Equal("connected", await device.NextStateAsync());
        await first.ClosedAsync();
        await second.SendAsync(Message(1, "here", MqttQos.AtMostOnce));
        Assert.Equal("here", (await device.NextAsync()).Text);
    }

    [Fact]
    public async Task Client_SilentForLongerThanItSaid_IsLetGoAndItsWillPublished()
    {
        var device = Listen(Anywhere, "silent");
        using var peer = new RawPeer(Port, MqttVersion.V5);
        await peer.ConnectAsync("silent", true, 1, new WillPacket("gone", "silent"u8.ToArray(), 0, false));
        Assert.Equal(ReasonCode.KeepAliveTimeout, Assert.IsType<ReasonPacket>(await peer.ReadAsync()).Reason);
        var will = await device.NextAsync();
        Assert.Equal(("gone", "silent"), (will.Topic, will.Text));
    }

    [Fact]
    public async Task Will_OfAClientThatSaysGoodbye_IsNotPublished()
    {
        var device = Listen(Anywhere, "polite");
        using (var peer = new RawPeer(Port, MqttVersion.V311))
        {
            await peer.ConnectAsync("polite", true, 0, new WillPacket("gone", [], 0, false));
            await peer.SendAsync(Message(0, "last", MqttQos.AtMostOnce));
            await peer.SendAsync(new ReasonPacket(PacketType.Disconnect, ReasonCode.Success));
            await peer.ClosedAsync();
        }

        Assert.Equal("last", (await device.NextAsync()).Text);
        Assert.Equal("connected", await device.NextStateAsync());
        Assert.Equal("the client closed the connection", await device.NextStateAsync());
        Assert.False(device.TryNext(out _));
    }

    [Fact]
    public async Task Peers_ThatSendHalfAPacketOrNothing_HoldNoOtherUp()
    {
        var device = Listen(Anywhere, "good");
        using var silent = new RawPeer(Port, MqttVersion.V5);
        using var half = new RawPeer(Port, MqttVersion.V5);
        await half.ConnectAsync("half", true);
        await half.SendAsync(0x30, 0xFF, 0x01, 0x00);
        using var blocked = new RawPeer(Port, MqttVersion.V5);
        _receivers["blocked"] = new Collector { Blocked = new TaskCompletionSource() };
        await blocked.ConnectAsync("blocked", true);
        for (var i = 0; i < 100; i++)
            await blocked.SendAsync(Message(0, new string('x', 1000), MqttQos.AtMostOnce));
        await using var client = await RunningClient.StartAsync(To(MqttVersion.V5) with { ClientId = "good" });
        await client.PublishAsync("t", "through");
        Assert.Equal("through", (await device.NextAsync()).Text);
        _receivers["blocked"].Blocked!.SetResult();
    }

    [Theory]
    [InlineData("F0 00", ReasonCode.ProtocolError)]
    [InlineData("00 00", ReasonCode.MalformedPacket)]
    [InlineData("30 FF FF FF 7F", ReasonCode.PacketTooLarge)]
    [InlineData("30 80 80 80 80 01", ReasonCode.MalformedPacket)]
    [InlineData("10 0C 00 04 4D 51 54 54 05 02 00 0A 00 00 00", ReasonCode.ProtocolError)]
    [InlineData("30 08 00 01 61 03 23 00 63 00", ReasonCode.TopicAliasInvalid)]
    [InlineData("30 05 00 01 61 02 0B 05", ReasonCode.ProtocolError)]
    public async Task Packets_OutOfPlace_EndTheConnectionWithTheReason(string hex, ReasonCode reason)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        if (bytes[1] is > 0 and < 0x80)
            bytes[1] = (byte)(bytes.Length - 2);
        Listen(Anywhere, "hostile");
        using var peer = new RawPeer(Port, MqttVersion.V5);
        await peer.ConnectAsync("hostile", true);
        await peer.SendAsync(bytes);
        Assert.Equal(reason, Assert.IsType<ReasonPacket>(await peer.ReadAsync()).Reason);
        await peer.ClosedAsync();
    }

    [Fact]
    public async Task Client_ThatSendsMoreThanItMay_IsLetGo()
    {
        Listen(Anywhere with { ReceiveMaximum = 2 }, "greedy", acknowledges: false);
        using var peer = new RawPeer(Port, MqttVersion.V5);
        Assert.Equal(2u, (await peer.ConnectAsync("greedy", true)).Properties.Number(PropertyId.ReceiveMaximum));
        for (ushort id = 1; id <= 3; id++)
            await peer.SendAsync(Message(id, "x", MqttQos.AtLeastOnce));
        Assert.Equal(ReasonCode.ReceiveMaximumExceeded, Assert.IsType<ReasonPacket>(await peer.ReadAsync()).Reason);
    }

    [Fact]
    public async Task Client_OfTheOldVersionThatSendsMore_IsLeftWaiting()
    {
        var device = Listen(Anywhere with { ReceiveMaximum = 2 }, "greedy", acknowledges: false);
        using var peer = new RawPeer(Port, MqttVersion.V311);
        await peer.ConnectAsync("greedy", true);
        for (ushort id = 1; id <= 5; id++)
            await peer.SendAsync(Message(id, "x", MqttQos.AtLeastOnce));
        var held = new Queue<Collector.Received>();
        for (ushort id = 1; id <= 5; id++)
        {
            held.Enqueue(await device.NextAsync());
            if (held.Count < 2)
                continue;
            Assert.False(device.TryNext(out _));
            held.Dequeue().Receipt.Acknowledge();
            Assert.Equal((PacketType.Puback, (ushort)(id - 1)), Ack(await peer.ReadAsync()));
        }
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task Subscriptions_AreRefused(MqttVersion version)
    {
        Listen(Anywhere, "hopeful");
        var options = To(version) with
        {
            Subscriptions = [new MqttSubscription("a/#", MqttQos.AtLeastOnce)],
            Reconnects = false,
        };
        await using var client = new RunningClient(options);
        var e = await Assert.ThrowsAsync<MqttRefusedException>(() => client.Running.WaitAsync(Collector.Limit));
        Assert.StartsWith("the broker refused the subscription 'a/#': ", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MqttVersion.V311, "the broker refused the connection: bad user name or password")]
    [InlineData(MqttVersion.V5, "the broker refused the connection: BadCredentials")]
    public async Task Client_WithABadPassword_IsRefused(MqttVersion version, string why)
    {
        var options = Anywhere with
        {
            Authenticate = c => c.Username == "u" && c.Password.Span.SequenceEqual("right"u8),
        };
        Listen(options, "device");
        var bad = To(version) with { Username = "u", Password = "wrong", Reconnects = false };
        await using var client = new RunningClient(bad);
        var e = await Assert.ThrowsAsync<MqttRefusedException>(() => client.Running.WaitAsync(Collector.Limit));
        Assert.Equal(why, e.Message);
        Assert.Equal(1, _listener!.Refused);
        await using var good = await RunningClient.StartAsync(bad with { Password = "right" });
    }

    [Fact]
    public async Task Clients_BeyondTheLimit_AreRefused()
    {
        Listen(Anywhere with { MaxClients = 1 }, "device");
        using var first = new RawPeer(Port, MqttVersion.V5);
        await first.ConnectAsync("one", true);
        using var second = new RawPeer(Port, MqttVersion.V5);
        Assert.Equal(ReasonCode.QuotaExceeded, (await second.ConnectAsync("two", true)).Reason);
    }

    [Fact]
    public async Task Client_FasterThanItsRate_IsLeftWaitingAndLosesNothing()
    {
        var device = Listen(Anywhere with { MessagesPerSecond = 200 }, "device");
        await using var client = await RunningClient.StartAsync(To(MqttVersion.V5));
        await Task.WhenAll(Enumerable.Range(0, 250).Select(i => client.PublishAsync("t", $"{i}")));
        for (var i = 0; i < 250; i++)
            Assert.Equal($"{i}", (await device.NextAsync()).Text);
    }

    [Fact]
    public async Task Client_WithALongId_IsRefused()
    {
        Listen(Anywhere, "device");
        using var peer = new RawPeer(Port, MqttVersion.V5);
        Assert.Equal(ReasonCode.ClientIdNotValid, (await peer.ConnectAsync(new string('x', 300), true)).Reason);
    }

    [Fact]
    public async Task Connections_OfRandomBytes_AreClosedAndHoldNoOneUp()
    {
        var device = Listen(Anywhere, "device");
        var random = new Random(11);
        for (var i = 0; i < 50; i++)
        {
            using var hostile = new RawPeer(Port, MqttVersion.V5);
            if (i % 2 == 0)
                await hostile.ConnectAsync($"h{i}", true);
            var bytes = new byte[random.Next(1, 3000)];
            random.NextBytes(bytes);
            bytes[0] = (byte)(i % 16 << 4);
            await hostile.SendAsync(bytes);
        }

        await using var client = await RunningClient.StartAsync(To(MqttVersion.V5));
        await client.PublishAsync("t", "still here");
        Assert.Equal("still here", (await device.NextAsync()).Text);
    }

    [Fact]
    public async Task Will_DueLater_IsNotPublishedWhereTheClientComesBack()
    {
        var device = Listen(Anywhere, "d");
        var delay = new MqttProperties(MqttProperty.Of(PropertyId.WillDelay, 3000));
        var will = new WillPacket("gone", [], 0, false) { Properties = delay };
        using (var first = new RawPeer(Port, MqttVersion.V5))
            await first.ConnectAsync("d", clean: false, 0, will);
        using var second = new RawPeer(Port, MqttVersion.V5);
        Assert.True((await second.ConnectAsync("d", clean: false)).SessionPresent);
        await second.SendAsync(Message(0, "back", MqttQos.AtMostOnce));
        Assert.Equal("back", (await device.NextAsync()).Text);
        Assert.False(device.TryNext(out _));
    }

    [Fact]
    public async Task TopicAliases_StandForTheirTopics()
    {
        var device = Listen(Anywhere, "raw");
        using var peer = new RawPeer(Port, MqttVersion.V5);
        await peer.ConnectAsync("raw", true);
        var alias = new MqttProperties(MqttProperty.Of(PropertyId.TopicAlias, 3));
        foreach (var topic in new[] { "a/b", "", "c", "" })
            await peer.SendAsync(new PublishPacket(topic, []) { Properties = alias });
        foreach (var topic in new[] { "a/b", "a/b", "c", "c" })
            Assert.Equal(topic, (await device.NextAsync()).Topic);
    }

    [Fact]
    public async Task Tls_WithTheClientsCertificate_IsTakenAndWithoutIsNot()
    {
        using var files = new Certificates();
        var server = new MqttTls(files.Ca, files.PathOf("server.pem"), files.PathOf("server.key"));
        var device = Listen(Anywhere with { Tls = server }, "device");
        var own = new MqttTls(files.Ca, files.PathOf("client.pem"), files.PathOf("client.key"));
        await using (var client = await RunningClient.StartAsync(To(MqttVersion.V5) with { Tls = own }))
            await client.PublishAsync("t", "secret");
        Assert.Equal("secret", (await device.NextAsync()).Text);
        await using var stranger = new RunningClient(
            To(MqttVersion.V5) with { Tls = new MqttTls(files.Ca), Reconnects = false });
        await Assert.ThrowsAnyAsync<IOException>(() => stranger.Running.WaitAsync(Collector.Limit));
        await using var trusting = new RunningClient(
            To(MqttVersion.V5) with { Tls = new MqttTls(), Reconnects = false });
        await Assert.ThrowsAnyAsync<IOException>(() => trusting.Running.WaitAsync(Collector.Limit));
    }

    [Fact]
    public async Task Connection_CutWhilePublishing_LosesNothingOfQosOneAndDoublesNothingOfQosTwo()
    {
        var device = Listen(Anywhere, "device");
        using var cable = new Cable(Port);
        await using var client = await RunningClient.StartAsync(
            To(MqttVersion.V5) with { Port = cable.Port, SessionExpiry = TimeSpan.FromHours(1) });
        var publishing = Enumerable.Range(0, 2000)
            .Select(i => client.PublishAsync("t", $"{i}", i % 2 == 0 ? MqttQos.AtLeastOnce : MqttQos.ExactlyOnce))
            .ToList();
        for (var cut = 1; cut <= 3; cut++)
        {
            await publishing[cut * 300];
            cable.Cut();
        }

        await Task.WhenAll(publishing);
        var seen = new Dictionary<int, int>();
        while (device.TryNext(out var message))
        {
            var i = int.Parse(message!.Text, System.Globalization.CultureInfo.InvariantCulture);
            seen[i] = seen.GetValueOrDefault(i) + 1;
        }

        Assert.Equal(2000, seen.Count);
        Assert.All(seen.Where(s => s.Key % 2 == 1), s => Assert.Equal(1, s.Value));
    }

    private Collector Listen(MqttListenerOptions options, string clientId, bool acknowledges = true)
    {
        _listener = MqttListener.Listen(options, TimeProvider.System);
        _receivers[clientId] = new Collector(acknowledges);
        _running = _listener.RunAsync(p => _receivers.GetOrAdd(p.ClientId, _ => new Collector()), _stop.Token);
        return _receivers[clientId];
    }

    private MqttConnectionOptions To(MqttVersion version) =>
        new("127.0.0.1", Port) { Version = version, ClientId = "device" };

    private static PublishPacket Message(ushort id, string text, MqttQos qos) =>
        new("t", Encoding.UTF8.GetBytes(text)) { PacketId = id, Qos = qos };

    private static (PacketType Type, ushort Id) Ack(MqttPacket packet)
    {
        var ack = Assert.IsType<AckPacket>(packet);
        return (ack.Type, ack.PacketId);
    }
}
