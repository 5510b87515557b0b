using System.Net;
using System.Text.Json;
using Cep.Mqtt;
using Cep.Mqtt.Tests.Peers;

namespace Cep.SystemTests;

/// <summary>The program with MQTT in and out.</summary>
public sealed class MqttTests : IDisposable
{
    private const string Password = "a password of tests";
    private readonly Workspace _files = new();

    [Fact]
    public async Task Run_WithDevicesThatPublishToIt_Alerts()
    {
        using var receiver = new Receiver();
        using var cep = Start(
            """mqtt: {listen: "127.0.0.1:0", users: {device: "${DEVICE_PASSWORD}"}}""",
            $$"""webhook: {url: "{{receiver.Url}}"}""");
        var line = await cep.LineWith("source mqtt listen");
        var address = IPEndPoint.Parse(line.Split(' ')[3]);
        var options = new MqttConnectionOptions("127.0.0.1", address.Port)
        {
            ClientId = "d1",
            Username = "device",
            Password = Password,
        };
        await using (var device = await RunningClient.StartAsync(options))
        {
            await device.PublishAsync("pay/c7/tx", """{"ts": 1000, "amount": 500}""");
            await device.PublishAsync("pay/c7/tx", "nonsense", MqttQos.ExactlyOnce);
        }

        Assert.Equal("c7: 500", (await receiver.NextAsync()).Message);
        await using (var stranger = new RunningClient(options with { Password = "wrong" }))
            Assert.Equal(
                "the broker refused the connection: BadCredentials", await stranger.Receiver.NextStateAsync());
        Assert.Equal(0, await cep.TerminateAsync());
        Assert.Contains("2 events (1 rejected), 1 alerts", cep.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, cep.Errors, StringComparison.Ordinal);
        Assert.Contains(
            "topic 'pay/c7/tx': broken JSON",
            JsonDocument.Parse(await File.ReadAllTextAsync(_files["dead-letters.ndjson"]))
                .RootElement.GetProperty("reason").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_BetweenABrokersTopics_ReadsAndPublishes()
    {
        using var broker = await Mosquitto.StartAsync();
        var server = $"mqtt://127.0.0.1:{broker.Port}";
        using var cep = Start(
            $$"""mqtt: {server: "{{server}}", topics: [pay/+/tx], client_id: cep-1, version: 3.1.1}""",
            $$"""mqtt: {server: "{{server}}", topic: "alerts/{rule}/{key.card}", qos: 2, retain: true}""");
        await cep.LineWith("connected");
        await using var publisher = await RunningClient.StartAsync(broker.To(MqttVersion.V5, "device"));
        await using var ops = await RunningClient.StartAsync(broker.To(MqttVersion.V5, "ops") with
        {
            Subscriptions = [new MqttSubscription("alerts/#", MqttQos.ExactlyOnce)],
        });
        await publisher.PublishAsync("pay/c8/tx", """{"ts": 1000, "amount": 700}""");
        var alert = await ops.Receiver.NextAsync();
        Assert.Equal("alerts/large/c8", alert.Topic);
        Assert.Equal("c8: 700", JsonDocument.Parse(alert.Text).RootElement.GetProperty("message").GetString());
        Assert.Equal(0, await cep.TerminateAsync());
        Assert.Contains("delivered 1 to out", cep.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_ToABroker_PublishesEveryEvent()
    {
        using var broker = await Mosquitto.StartAsync();
        var messages = new Collector();
        await using var ops = await RunningClient.StartAsync(
            broker.To(MqttVersion.V5, "ops") with
            {
                Subscriptions = [new MqttSubscription("sim/payments", MqttQos.AtLeastOnce)],
            },
            messages);
        var result = await CepProgram.RunAsync(
            "simulate", "fraud", "--seconds", "1", "--rate", "50", "--to",
            $"mqtt://127.0.0.1:{broker.Port}/sim/payments");
        Assert.Equal(0, result.ExitCode);
        var count = int.Parse(
            result.Errors.Split('\n').First(l => l.EndsWith(" payments", StringComparison.Ordinal)).Split(' ')[0],
            System.Globalization.CultureInfo.InvariantCulture);
        for (var i = 0; i < count; i++)
            Assert.Contains("\"card\":", (await messages.NextAsync()).Text, StringComparison.Ordinal);
        Assert.True(count > 10);
    }

    [Fact]
    public async Task Simulate_WithoutABroker_SaysSo()
    {
        var result = await CepProgram.RunAsync("simulate", "fraud", "--seconds", "1", "--to", "mqtt://127.0.0.1:1/x");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("mqtt://127.0.0.1:1: Connection refused", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mqtt: {server: \"mqtt://b\", listen: \"0.0.0.0:1883\"}", "An mqtt source has one of server, listen.")]
    [InlineData("mqtt: {server: \"http://b\", topics: a}", "A broker is mqtt://HOST:PORT, or mqtts://HOST:PORT with")]
    [InlineData("mqtt: {server: \"mqtt://u:p@b\", topics: a}", "the keys username and password say who it is")]
    [InlineData("mqtt: {server: \"mqtt://b\", topics: [\"a/#/b\"]}", "This can't be a filter of topics: # stands for")]
    [InlineData("mqtt: {server: \"mqtt://b\"}", "This mqtt source has no 'topics'.")]
    [InlineData("mqtt: {server: \"mqtt://b\", topic: a}", "did you mean 'topics'?")]
    [InlineData("mqtt: {server: \"mqtt://b\", topics: a, qos: 3}", "'qos' is a number from 0 to 2.")]
    [InlineData("mqtt: {server: \"mqtt://b\", topics: a, version: 4.2}", "The versions of MQTT are 5 and 3.1.1")]
    [InlineData("mqtt: {server: \"mqtt://b\", topics: a, tls: {ca: x}}", "'tls' goes with mqtts://.")]
    [InlineData("mqtt: {server: \"mqtt://b\", topics: a, session: 1h}", "A session that lasts needs a 'client_id'.")]
    [InlineData("mqtt: {server: \"mqtt://b\", topics: a, users: {a: b}}", "'users' goes with 'listen'.")]
    [InlineData("mqtt: {listen: \"0.0.0.0\"}", "An address is HOST:PORT, such as 127.0.0.1:9099.")]
    [InlineData("mqtt: {listen: \"0.0.0.0:1883\", tls: {ca: x}}", "A listener with tls needs a certificate.")]
    [InlineData("mqtt: {listen: \"0.0.0.0:1883\", format: xml}", "'format' is one of json, senml, sparkplug;")]
    public async Task Check_OfAnMqttSource_SaysWhatIsWrong(string source, string problem)
    {
        _files.WriteRules();
        var path = _files.Write(
            "deployment.yaml", $"rules: [rules.yaml]\nsources:\n  - stream: payments\n    {source}\n");
        var result = await CepProgram.RunAsync("check", path);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(problem, result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tcp: {listen: \"127.0.0.1:1\"}\n    map: {card: topic}", "'map' goes with 'mqtt'.")]
    [InlineData("mqtt: {listen: \"127.0.0.1:0\"}\n    map: {card: \"topic[x]\"}", "'topic[x]' is no place: a field")]
    public async Task Check_OfAMapping_SaysWhatIsWrong(string source, string problem) =>
        await Check_OfAnMqttSource_SaysWhatIsWrong(source, problem);

    [Fact]
    public async Task Check_OfTwoClientsWithOneId_SaysThatOnlyOneStays() => await Check_OfAnMqttSource_SaysWhatIsWrong(
        "mqtt: {server: \"mqtt://b\", topics: a, client_id: x}\n  - stream: payments\n"
        + "    mqtt: {server: \"mqtt://b\", topics: c, client_id: x}",
        "Another client of this deployment is 'x' too");

    [Fact]
    public async Task Run_WithAMappedFieldThatIsNone_SaysSo()
    {
        using var cep = Start("""mqtt: {listen: "127.0.0.1:0"}""", "stdout: {}", "{kard: topic}");
        await cep.LineWith("'kard' is mapped, but the stream 'payments' has no such field");
    }

    public void Dispose() => _files.Dispose();

    private CepProgram Start(string source, string sink, string map = """{card: "topic[1]"}""")
    {
        _files.WriteRules();
        var path = _files.Write(
            "deployment.yaml",
            $$"""
            rules: [rules.yaml]
            sources:
              - stream: payments
                {{source}}
                map: {{map}}
            sinks:
              out: {{{sink}}}
            """);
        return CepProgram.Start(("DEVICE_PASSWORD", Password), "run", path);
    }
}
