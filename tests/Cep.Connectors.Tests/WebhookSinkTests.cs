using System.Text;
using System.Text.Json;
using Cep.Connectors.Webhooks;

namespace Cep.Connectors.Tests;

public sealed class WebhookSinkTests
{
    private static readonly DeliveryOptions Quick = new()
    {
        FirstPause = TimeSpan.FromMilliseconds(2),
        LongestPause = TimeSpan.FromMilliseconds(20),
        AttemptLimit = TimeSpan.FromMilliseconds(300),
        BreakTime = TimeSpan.FromMilliseconds(600),
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Receiver_ThatDoesItsWorst_GetsEveryAlert_EachWithOneBody(int seed)
    {
        string[] deeds =
        [
            "200 OK", "500 Oops", "503 Busy", "429 Slow\r\nRetry-After: 0", "408 Late", HostileReceiver.Hang,
            HostileReceiver.Drop, "x\u0001", "200 OK", "204 Fine",
        ];
        var random = new Random(seed);
        using var receiver = new HostileReceiver(_ =>
        {
            lock (random)
                return deeds[random.Next(deeds.Length)];
        });
        using var sink = Sink(receiver.Url);
        var ids = Enumerable.Range(0, 40).Select(i => $"a{i}").ToList();
        await Task.WhenAll(ids.Chunk(10).Select(async some =>
        {
            foreach (var id in some)
                await sink.SendAsync(Alerts.Of(id), CancellationToken.None).WaitAsync(Taker.Limit);
        }));
        var taken = receiver.Requests.Where(r => r.IsTaken).Select(r => r.Id).ToHashSet();
        Assert.Equal(ids.Order(), taken.Order());
        foreach (var attempts in receiver.Requests.GroupBy(r => r.Id))
            Assert.Single(attempts.Select(a => a.Body).Distinct());
    }

    [Fact]
    public async Task Receiver_ThatIsDownForAWhile_GetsTheAlert()
    {
        int port;
        using (var probe = new HostileReceiver(_ => "200 OK"))
            port = probe.Port;
        using var sink = Sink(new Uri($"http://127.0.0.1:{port}/hook"));
        var sending = sink.SendAsync(Alerts.Of("a"), CancellationToken.None);
        using var receiver = new HostileReceiver(_ => "200 OK", port);
        await sending.WaitAsync(Taker.Limit);
        Assert.Equal("a", Assert.Single(receiver.Requests).Id);
    }

    [Theory]
    [InlineData("400 No")]
    [InlineData("404 No")]
    [InlineData("413 No")]
    [InlineData("302 There\r\nLocation: http://127.0.0.1/")]
    public async Task Refusal_ForGood_IsNotTriedAgain(string answer)
    {
        using var receiver = new HostileReceiver(_ => answer);
        using var sink = Sink(receiver.Url);
        var failure = await Assert.ThrowsAsync<DeliveryException>(
            () => sink.SendAsync(Alerts.Of("a"), CancellationToken.None));
        Assert.Equal($"the receiver answered {answer[..3]}", failure.Message);
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task RetryAfter_IsWaitedFor()
    {
        var clock = new TestClock();
        using var receiver = new HostileReceiver(n => n == 0 ? "429 Slow\r\nRetry-After: 120" : "200 OK");
        using var sink = new WebhookSink("w", new WebhookOptions(receiver.Url), clock);
        var sending = sink.SendAsync(Alerts.Of("a"), CancellationToken.None);
        await Taker.UntilAsync(() => clock.NextIn == TimeSpan.FromSeconds(120));
        clock.Advance(TimeSpan.FromSeconds(119));
        Assert.Single(receiver.Requests);
        clock.Advance(TimeSpan.FromSeconds(1));
        await sending.WaitAsync(Taker.Limit);
        Assert.Equal(2, receiver.Requests.Count);
    }

    [Fact]
    public async Task Delivery_TriedForLongEnough_FailsForGood()
    {
        using var receiver = new HostileReceiver(_ => "500 Oops");
        var clock = new TestClock();
        var delivery = new DeliveryOptions
        {
            RetryFor = TimeSpan.FromMinutes(5),
            AttemptLimit = TimeSpan.FromHours(12),
        };
        using var sink = new WebhookSink("w", new WebhookOptions(receiver.Url) { Delivery = delivery }, clock);
        var sending = sink.SendAsync(Alerts.Of("a"), CancellationToken.None);
        await Taker.UntilAsync(() =>
        {
            // the pauses pass, attempts take no time
            if (clock.NextIn is { } pause && pause <= delivery.LongestPause)
                clock.Advance(pause);
            return sending.IsCompleted;
        });
        await Assert.ThrowsAsync<DeliveryException>(() => sending);
        Assert.True(receiver.Requests.Count > 5);
    }

    [Fact]
    public async Task Rate_IsKept()
    {
        var clock = new TestClock();
        using var receiver = new HostileReceiver(_ => "200 OK");
        using var sink = new WebhookSink(
            "w", new WebhookOptions(receiver.Url) { Delivery = new DeliveryOptions { Rate = 0.5 } }, clock);
        await sink.SendAsync(Alerts.Of("a"), CancellationToken.None).WaitAsync(Taker.Limit);
        var second = sink.SendAsync(Alerts.Of("b"), CancellationToken.None);
        await Taker.UntilAsync(() => clock.NextIn == TimeSpan.FromSeconds(2));
        clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Single(receiver.Requests);
        clock.Advance(TimeSpan.FromSeconds(0.1));
        await second.WaitAsync(Taker.Limit);
    }

    // the example of the Standard Webhooks specification
    [Fact]
    public void Signature_IsThatOfTheSpecification()
    {
        var body = Encoding.UTF8.GetBytes("{\"test\": 2432232314}");
        var signature = new WebhookSignature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        Assert.Equal(
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            signature.Of("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body));
    }

    [Fact]
    public void Signature_WithTwoKeys_HasBoth()
    {
        using var request = new HttpRequestMessage();
        new WebhookSignature("old", "new").Sign(request, "id", DateTimeOffset.FromUnixTimeSeconds(7), []);
        Assert.Equal("7", Assert.Single(request.Headers.GetValues("webhook-timestamp")));
        var both = string.Join(",", request.Headers.GetValues("webhook-signature"));
        var expected = new[] { "old", "new" }.Select(k => new WebhookSignature(k).Of("id", "7", []));
        Assert.Equal(string.Join(' ', expected), both);
    }

    [Fact]
    public async Task Template_MakesTheBody()
    {
        using var receiver = new HostileReceiver(_ => "200 OK");
        var template = AlertTemplate.Compile(
            "slack.json",
            """
            {"text": "{{message}} on {{key.device}} at {{fields.temperature}}",
             {{#if firing}}"color": "red",{{/if}} "fields": {{json fields}}, "none": {{json fields.none}} }
            """);
        using var sink = new WebhookSink(
            "w", new WebhookOptions(receiver.Url) { Template = template, Delivery = Quick }, TimeProvider.System);
        await sink.SendAsync(
            Alerts.Of("a", key: "\"<d>\\", message: "line\n\u0001 \"ä\""), CancellationToken.None);
        var request = Assert.Single(receiver.Requests);
        Assert.Equal("application/json; charset=utf-8", request.Headers["Content-Type"]);
        var body = JsonDocument.Parse(Encoding.Latin1.GetBytes(request.Body)).RootElement;
        Assert.Equal("line\n\u0001 \"ä\" on \"<d>\\ at 94.5", body.GetProperty("text").GetString());
        Assert.Equal("red", body.GetProperty("color").GetString());
        Assert.Equal(3, body.GetProperty("fields").GetProperty("count").GetInt32());
        Assert.Equal(JsonValueKind.Null, body.GetProperty("none").ValueKind);
    }

    [Theory]
    [InlineData("{\"a\": \"{{#if firing}}x\"}", "t.json:")]
    [InlineData("{\"a\":\n {{message}} }", "t.json:2:")]
    [InlineData("{{#each}}", "t.json")]
    public void Template_ThatIsNone_SaysWhere(string text, string place)
    {
        var problem = Assert.Throws<FormatException>(() => AlertTemplate.Compile("t.json", text));
        Assert.StartsWith(place, problem.Message, StringComparison.Ordinal);
    }

    private static WebhookSink Sink(Uri url, DeliveryOptions? delivery = null) => new(
        "w", new WebhookOptions(url) { Secrets = ["key"], Delivery = delivery ?? Quick }, TimeProvider.System);
}
