using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Cep.Alerts;
using Cep.Connectors.Formats;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Cep.Connectors.Webhooks;

/// <summary>
/// Posts alerts as CloudEvents 1.0 (JSON, structured), signed as Standard Webhooks lays down where there is a secret.
/// What fails is tried again with growing, jittered pauses, but not what the receiver refuses for good (4xx but 408,
/// 425, 429).
/// </summary>
public sealed class WebhookSink : ISink, IDisposable
{
    private const int Attempts = 8;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(10);

    private readonly Uri _url;
    private readonly WebhookSignature? _signature;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;

    /// <param name="name">Its name in the deployment file.</param>
    /// <param name="url">Where to post.</param>
    /// <param name="secret">The key of the signature: <c>whsec_</c> and base64, or any text; null: not signed.</param>
    /// <param name="clock">Gives the timestamps and measures the pauses.</param>
    /// <exception cref="FormatException">The secret begins with <c>whsec_</c> but no base64 follows.</exception>
    public WebhookSink(string name, Uri url, string? secret, TimeProvider clock)
    {
        Name = name;
        _url = url;
        _signature = secret is null ? null : new WebhookSignature(secret);
        _clock = clock;
        _pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = Attempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstPause,
                MaxDelay = LongestPause,
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>()
                    .Handle<HttpRequestException>().Handle<TimeoutRejectedException>()
                    .HandleResult(r => IsTransient(r.StatusCode)),
                OnRetry = retry =>
                {
                    retry.Outcome.Result?.Dispose();
                    return default;
                },
            })
            .AddTimeout(AttemptLimit)
            .Build();
    }

    public string Name { get; }

    public async Task SendAsync(Alert alert, CancellationToken stop)
    {
        var buffer = new Utf8Buffer();
        CloudEventJson.Write(buffer, alert);
        var body = buffer.Written.ToArray();
        try
        {
            using var response = await _pipeline.ExecuteAsync(async token => await PostAsync(alert, body, token), stop);
            if (!response.IsSuccessStatusCode)
                throw new DeliveryException(
                    string.Create(CultureInfo.InvariantCulture, $"the receiver answered {(int)response.StatusCode}"));
        }
        catch (HttpRequestException e)
        {
            throw new DeliveryException($"the receiver can't be reached ({e.HttpRequestError})");
        }
        catch (TimeoutRejectedException)
        {
            throw new DeliveryException($"the receiver did not answer within {AttemptLimit.TotalSeconds:0} s");
        }
    }

    public void Dispose() => _http.Dispose();

    private async ValueTask<HttpResponseMessage> PostAsync(Alert alert, byte[] body, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json", "utf-8");
        _signature?.Sign(request, alert.Id, _clock.GetUtcNow(), body);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
    }

    private static bool IsTransient(HttpStatusCode status) =>
        (int)status is >= 500 or 408 or 425 or 429;
}
