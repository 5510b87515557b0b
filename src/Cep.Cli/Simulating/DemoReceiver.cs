using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Cep.Connectors.Webhooks;

namespace Cep.Cli.Simulating;

/// <summary>A webhook on this machine: checks the signature and prints each alert as a line.</summary>
internal sealed class DemoReceiver : IDisposable
{
    private const int ShownPerRule = 6;
    private readonly HttpListener _http = new();
    private readonly WebhookSignature _signature;
    private readonly Dictionary<string, int> _shown = new(StringComparer.Ordinal);

    public DemoReceiver(string secret)
    {
        _signature = new WebhookSignature(secret);
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/alerts/");
        probe.Stop();
        _http.Prefixes.Add(Url.ToString());
        _http.Start();
    }

    public Uri Url { get; }

    public long Received { get; private set; }

    /// <summary>Requests whose signature was not right.</summary>
    public long Forged { get; private set; }

    public async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _http.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            await TakeAsync(context);
        }
    }

    public void Stop() => _http.Stop();

    public void Dispose() => ((IDisposable)_http).Dispose();

    private async Task TakeAsync(HttpListenerContext context)
    {
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        var bytes = body.ToArray();
        var headers = context.Request.Headers;
        var signature = _signature.Of(headers["webhook-id"] ?? "", headers["webhook-timestamp"] ?? "", bytes);
        Received++;
        if (headers["webhook-signature"] != signature)
            Forged++;
        Show(bytes);
        context.Response.StatusCode = 204;
        context.Response.Close();
    }

    private void Show(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        var alert = document.RootElement.GetProperty("data");
        var rule = alert.GetProperty("rule").GetString()!;
        var shown = _shown[rule] = _shown.GetValueOrDefault(rule) + 1;
        if (shown > ShownPerRule)
            return;
        var time = alert.GetProperty("at").GetString()!.Substring(11, 8);
        var severity = alert.GetProperty("severity").GetString()!;
        var status = alert.GetProperty("status").GetString() == "firing" ? "" : " resolved";
        var label = severity is "high" or "critical" ? Output.Red($"{severity,-8}") : $"{severity,-8}";
        var more = shown == ShownPerRule ? " (further ones are only counted)" : "";
        Console.WriteLine(
            $"{time} {label} {Output.Bold(rule)}{status}: {alert.GetProperty("message").GetString()}{more}");
    }
}
