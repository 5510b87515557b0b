using System.Net.Http.Headers;
using Cep.Alerts;
using Cep.Connectors.Formats;

namespace Cep.Connectors.Webhooks;

/// <summary>
/// Posts alerts as CloudEvents 1.0 (JSON, structured) or by a template, signed as Standard Webhooks lays down where
/// there is a secret: the id stays the same at every attempt, and the body too.
/// </summary>
public sealed class WebhookSink : ISink, ITriesAgain, IDisposable
{
    private readonly WebhookOptions _options;
    private readonly WebhookSignature? _signature;
    private readonly TimeProvider _clock;
    private readonly HttpDelivery _delivery;

    /// <param name="name">Its name in the deployment file.</param>
    /// <param name="options">Where to post, and what.</param>
    /// <param name="clock">Gives the timestamps and measures the pauses.</param>
    /// <exception cref="FormatException">A secret begins with <c>whsec_</c> but no base64 follows.</exception>
    public WebhookSink(string name, WebhookOptions options, TimeProvider clock)
    {
        Name = name;
        _options = options;
        _signature = options.Secrets.Count > 0 ? new WebhookSignature(options.Secrets) : null;
        _clock = clock;
        _delivery = new HttpDelivery(options.Delivery, clock);
    }

    public string Name { get; }

    long ITriesAgain.Retries => _delivery.Retries;

    public Task SendAsync(Alert alert, CancellationToken stop)
    {
        var (body, type) = Body(alert);
        return _delivery.PostAsync(() => Request(alert, body, type), stop);
    }

    public void Dispose() => _delivery.Dispose();

    private (byte[] Body, MediaTypeHeaderValue Type) Body(Alert alert)
    {
        if (_options.Template is { } template)
            return (template.Render(alert), new MediaTypeHeaderValue(template.MediaType, "utf-8"));
        var buffer = new Utf8Buffer();
        CloudEventJson.Write(buffer, alert);
        return (buffer.Written.ToArray(), new MediaTypeHeaderValue("application/cloudevents+json", "utf-8"));
    }

    private HttpRequestMessage Request(Alert alert, byte[] body, MediaTypeHeaderValue type)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _options.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = type;
        _signature?.Sign(request, alert.Id, _clock.GetUtcNow(), body);
        return request;
    }
}
