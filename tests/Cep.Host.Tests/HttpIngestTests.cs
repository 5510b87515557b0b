using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Cep.Connectors.Formats;
using Cep.Connectors.Http;
using Cep.Connectors.Tests;
using Cep.Events;
using Cep.Host.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Cep.Host.Tests;

public sealed class HttpIngestTests : IAsyncLifetime
{
    private const string Token = "a token of 21 letters";
    private static readonly StreamSchema Timed = new(
        "t", [new("ts", DataType.Timestamp), new("x", DataType.Number)], "ts");
    private readonly Taker _taker = new();
    private readonly HttpClient _http = new();
    private HttpSource _source = null!;
    private SourceRun _running = null!;
    private WebHost _web = null!;

    public ValueTask InitializeAsync() => StartAsync(new HttpLimits());

    public async ValueTask DisposeAsync()
    {
        await _running.DisposeAsync();
        await _web.DisposeAsync();
        _http.Dispose();
    }

    [Theory]
    [InlineData("application/x-ndjson", "{\"ts\":1,\"x\":1}\n{\"ts\":2,\"x\":2}")]
    [InlineData("text/plain; charset=utf-8", "{\"ts\":1,\"x\":1}\r\n\r\n{\"ts\":2,\"x\":2}\r\n")]
    [InlineData("application/json", "[{\"ts\":1,\"x\":1},\n {\"ts\":2,\n\"x\":2}]")]
    [InlineData("application/json", "{\"ts\":1,\"x\":1}\n{\"ts\":2,\"x\":2}\n")]
    [InlineData(
        "application/cloudevents-batch+json",
        """
        [{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"2026-01-01T00:00:00Z","data":{"x":1}},
         {"specversion":"1.0","id":"2","source":"/s","type":"t","data_base64":"eyJ0cyI6MSwKIngiOjJ9"}]
        """)]
    public async Task Post_OfTwoEvents_IsAccepted(string type, string body)
    {
        var (status, answer) = await PostAsync(body, type);
        Assert.Equal("{\"accepted\":2,\"rejected\":0}", answer);
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal([1, 2], await _taker.NextAsync(2));
    }

    [Theory]
    [InlineData("application/json", "{\"ts\":1,\n \"x\":7}")]
    [InlineData(
        "application/cloudevents+json",
        """
        {"specversion":"1.0","id":"1","source":"/s","type":"t","time":"2026-01-01T00:00:00Z","data":{ "x":7 }}
        """)]
    public async Task Post_OfOneDocument_IsOneEvent(string type, string body)
    {
        Assert.Equal("{\"accepted\":1,\"rejected\":0}", (await PostAsync(body, type)).Answer);
        Assert.Equal(7, (await _taker.NextAsync()).X);
    }

    [Fact]
    public async Task CloudEvent_InBinaryMode_GivesItsTime()
    {
        using var request = Request("{\"x\":7}", "application/json");
        foreach (var (name, value) in new[]
        {
            ("specversion", "1.0"), ("id", "1"), ("source", "/s"), ("type", "t"), ("time", "2026-01-01T00:00:00Z"),
        })
            request.Headers.Add("ce-" + name, value);
        Assert.Equal("{\"accepted\":1,\"rejected\":0}", (await SendAsync(request)).Answer);
        Assert.Equal(7, (await _taker.NextAsync()).X);
    }

    [Theory]
    [InlineData("application/x-ndjson", "nonsense", "line 1: broken JSON")]
    [InlineData("application/json", "[{\"ts\":1,\"x\":1},", "broken JSON")]
    [InlineData("application/json", "[{\"ts\":1,\"x\":1}] x", "broken JSON")]
    [InlineData("application/json", "[1]", "not a JSON object, but the number 1")]
    [InlineData(
        "application/cloudevents+json", "{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"t\"}", "without 'source'")]
    [InlineData("application/cloudevents+json", "{\"specversion\":\"0.3\"}", "another version")]
    [InlineData("application/cloudevents+json", "7", "no JSON object")]
    public async Task Post_WithoutAGoodEvent_IsRefusedWithTheReason_AndKept(string type, string body, string reason)
    {
        var (status, answer) = await PostAsync(body, type);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith("{\"accepted\":0,\"rejected\":1,\"reasons\":[\"", answer, StringComparison.Ordinal);
        Assert.Contains(reason, answer, StringComparison.Ordinal);
        Assert.Contains(reason, (await _taker.NextAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_IsAnsweredOnceItIsKept()
    {
        _taker.Hold();
        var answering = PostAsync("{\"ts\":1,\"x\":1}");
        Assert.Equal(1, (await _taker.NextAsync()).X);
        Assert.False(answering.IsCompleted);
        _taker.Keep();
        Assert.Equal(HttpStatusCode.Accepted, (await answering).Status);
    }

    [Fact]
    public async Task Post_WithAKey_IsTakenOnce_AfterARestartToo()
    {
        Assert.Equal("{\"accepted\":1,\"rejected\":1,\"reasons\":[\"line 2: broken JSON at byte", Start(
            await PostAsync("{\"ts\":1,\"x\":1}\nx", key: "k1")));
        const string Repeat = "{\"accepted\":1,\"rejected\":1,\"repeat\":true}";
        Assert.Equal((HttpStatusCode.Accepted, Repeat), await PostAsync("{\"ts\":1,\"x\":1}\nx", key: "k1"));
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync("{\"ts\":1,\"x\":2}", key: "k2")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PostAsync("{\"ts\":1,\"x\":3}", key: "k2")).Status);
        await DisposeOfItAsync();
        await StartAsync(new HttpLimits());
        Assert.Equal((HttpStatusCode.Accepted, Repeat), await PostAsync("{\"ts\":1,\"x\":1}\nx", key: "k1"));
        Assert.Equal(4, _taker.Duplicates);
        Assert.Equal([1, null, 2], await _taker.NextAsync(3));
        Assert.True(_taker.IsEmpty);

        static string Start((HttpStatusCode Status, string Answer) answer) => answer.Answer[..66];
    }

    [Fact]
    public async Task Keys_AreForgotten_WhenThereAreManyNewerOnes()
    {
        await DisposeOfItAsync();
        await StartAsync(new HttpLimits { Keys = 2 });
        foreach (var key in new[] { "a", "b", "c", "a" })
            await PostAsync("{\"ts\":1,\"x\":1}", key: key);
        Assert.Equal(0, _taker.Duplicates);
        await PostAsync("{\"ts\":1,\"x\":1}", key: "c");
        Assert.Equal(1, _taker.Duplicates);
    }

    [Fact]
    public async Task CloudEvents_OfOneSourceAndId_AreTakenOnce_WhereThatIsAskedFor()
    {
        const string Event =
            """{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"ts":1,"x":1}}""";
        await PostAsync(Event, "application/cloudevents+json");
        await PostAsync(Event, "application/cloudevents+json");
        Assert.Equal([1, 1], await _taker.NextAsync(2));
        await DisposeOfItAsync();
        await StartAsync(new HttpLimits { Dedupe = true });
        await PostAsync(Event, "application/cloudevents+json");
        var (status, answer) = await PostAsync(Event + "\n", "application/cloudevents+json");
        Assert.Equal((HttpStatusCode.Accepted, "{\"accepted\":1,\"rejected\":0,\"repeat\":true}"), (status, answer));
        Assert.Equal(1, _taker.Duplicates);
        await PostAsync(Event.Replace("\"1\"", "\"2\"", StringComparison.Ordinal), "application/cloudevents+json");
        Assert.Equal([1, 1], await _taker.NextAsync(2));
        Assert.True(_taker.IsEmpty);
    }

    [Fact]
    public async Task Posts_WithOneKeyAtATime_AreTakenOnce()
    {
        _taker.Hold();
        var posts = Enumerable.Range(0, 5).Select(_ => PostAsync("{\"ts\":1,\"x\":1}", key: "k")).ToList();
        Assert.Equal(1, (await _taker.NextAsync()).X);
        _taker.Keep();
        var pending = Task.WhenAll(posts);
        await Taker.UntilAsync(() =>
        {
            _taker.Keep();
            return pending.IsCompleted;
        });
        Assert.All(await pending, a => Assert.Equal(HttpStatusCode.Accepted, a.Status));
        Assert.True(_taker.IsEmpty);
    }

    [Fact]
    public async Task Post_WhileTheEngineIsBusy_IsToldToComeAgain()
    {
        await DisposeOfItAsync();
        await StartAsync(new HttpLimits { Patience = TimeSpan.FromMilliseconds(50) });
        _taker.Close();
        var first = PostAsync("{\"ts\":1,\"x\":1}");
        await Taker.UntilAsync(() => _taker.Waiting == 1);
        using var response = await _http.SendAsync(Request("{\"ts\":1,\"x\":2}", null));
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Equal(1, _source.Refused);
        _taker.Open();
        Assert.Equal(HttpStatusCode.Accepted, (await first).Status);
    }

    [Fact]
    public async Task Body_Gzipped_IsInflated_WithinItsBound()
    {
        await DisposeOfItAsync();
        await StartAsync(new HttpLimits { BodyBytes = 100_000 });
        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(Gzipped("{\"ts\":1,\"x\":1}\n"))).Status);
        Assert.Equal(
            HttpStatusCode.RequestEntityTooLarge, (await SendAsync(Gzipped(new string(' ', 50_000_000)))).Status);
        using var broken = Request("no gzip", null);
        broken.Content!.Headers.ContentEncoding.Add("gzip");
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(broken)).Status);
        Assert.Equal(
            HttpStatusCode.RequestEntityTooLarge, (await PostAsync(new string(' ', 100_001))).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer wrong")]
    [InlineData("Basic a token of 21 letters")]
    public async Task Request_WithoutTheToken_IsRefused(string? authorization)
    {
        using var request = Request("{\"ts\":1,\"x\":1}", null);
        request.Headers.Remove("Authorization");
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(request)).Status);
        Assert.True(_taker.IsEmpty);
    }

    [Fact]
    public async Task Request_OfAnotherSitesPage_IsRefused()
    {
        await using var open = await WebHost.StartAsync(
            new WebSettings(new IPEndPoint(IPAddress.Loopback, 0), null),
            [routes => routes.MapGet("/ping", (RequestDelegate)(c => c.Response.WriteAsync("pong")))]);
        Assert.Equal("pong", await _http.GetStringAsync(new Uri(open.Address, "ping")));
        foreach (var (name, value) in new[] { ("Origin", "https://evil.example"), ("Host", "evil.example") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(open.Address, "ping"));
            request.Headers.Add(name, value);
            using var response = await _http.SendAsync(request);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("POST {H}Content-Length: 50\r\n\r\n{\"ts\":1,\"x\":1}\n")]
    [InlineData("POST {H}Transfer-Encoding: chunked\r\n\r\nFF\r\n{\"ts\":1,\"x\":1}\n")]
    [InlineData("POST {H}Transfer-Encoding: chunked\r\n\r\nzz\r\n{\"ts\":1,\"x\":1}\n")]
    [InlineData("POST {H}Content-Length: 99999999999\r\n\r\n{}")]
    [InlineData("\0\u0001\u0002 garbage\r\n\r\n")]
    public async Task Request_ThatLiesAboutItsLength_IsNotTaken_AndOthersAre(string lie)
    {
        using var liar = new Peer(_web.Address.Port);
        await liar.SendAsync(lie.Replace(
            "{H}", $"/e HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {Token}\r\n", StringComparison.Ordinal));
        liar.EndSending();
        while (await liar.LineAsync() is { } line)
            Assert.DoesNotContain("HTTP/1.1 202", line, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync("{\"ts\":1,\"x\":5}")).Status);
        Assert.Equal(5, (await _taker.NextAsync()).X);
    }

    [Fact]
    public async Task Headers_ThatCrawl_AreNotWaitedFor()
    {
        await using var impatient = await WebHost.StartAsync(
            new WebSettings(new IPEndPoint(IPAddress.Loopback, 0), null) { HeadersTime = TimeSpan.FromSeconds(1) }, []);
        using var slow = new Peer(impatient.Address.Port);
        await slow.SendAsync("POST /e HTTP/1.1\r\nHost: localh");
        var answer = await slow.LineAsync();
        Assert.True(answer is null || answer.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), answer);
    }

    [Fact]
    public async Task Json_NestedDeeply_IsRejected()
    {
        foreach (var type in new[] { "application/x-ndjson", "application/json", "application/cloudevents+json" })
        {
            var deep = $"{{\"ts\":1,\"y\":{new string('[', 200_000)}";
            Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(deep, type)).Status);
        }
    }

    [Fact]
    public async Task Bodies_OfAnything_AreAnswered()
    {
        var random = new Random(11);
        string[] types =
        [
            "application/json", "application/x-ndjson", "application/cloudevents+json",
            "application/cloudevents-batch+json",
        ];
        const string Seed =
            """[{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"e30=","data":{"x":1}}]""";
        for (var i = 0; i < 300; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(Seed);
            for (var n = random.Next(4); n >= 0; n--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            using var request = Request("", types[i % types.Length]);
            request.Content = new ByteArrayContent(bytes[..random.Next(bytes.Length + 1)]);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(types[i % types.Length]);
            Assert.True((await SendAsync(request)).Status is HttpStatusCode.Accepted or HttpStatusCode.BadRequest);
        }
    }

    private async ValueTask StartAsync(HttpLimits limits)
    {
        _source = new HttpSource("/e", Timed, new DecoderOptions(), TimeProvider.System, limits);
        _running = new SourceRun(_source, _taker);
        _web = await WebHost.StartAsync(
            new WebSettings(new IPEndPoint(IPAddress.Loopback, 0), Token),
            [routes => routes.MapPost(_source.Path, (RequestDelegate)_source.HandleAsync)]);
    }

    private async Task DisposeOfItAsync()
    {
        await _running.DisposeAsync();
        await _web.DisposeAsync();
    }

    private Task<(HttpStatusCode Status, string Answer)> PostAsync(string body, string? type = null, string? key = null)
    {
        var request = Request(body, type);
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return SendAsync(request);
    }

    private HttpRequestMessage Request(string body, string? type)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_web.Address, "e"))
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)),
        };
        request.Content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return request;
    }

    private HttpRequestMessage Gzipped(string body)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(body));
        var request = Request("", null);
        request.Content = new ByteArrayContent(bytes.ToArray());
        request.Content.Headers.ContentEncoding.Add("gzip");
        return request;
    }

    private async Task<(HttpStatusCode Status, string Answer)> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await _http.SendAsync(request).WaitAsync(Taker.Limit);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }
    }
}
