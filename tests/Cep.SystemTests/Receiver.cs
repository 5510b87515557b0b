using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;

namespace Cep.SystemTests;

/// <summary>A webhook's receiver: answers with the given codes in turn, the last one for ever.</summary>
internal sealed class Receiver : IDisposable
{
    private readonly HttpListener _http = new();
    private readonly Channel<Request> _requests = Channel.CreateUnbounded<Request>();
    private readonly Queue<int> _answers;

    internal sealed record Request(string Id, string Timestamp, string Signature, string? ContentType, byte[] Body)
    {
        public string Message =>
            JsonDocument.Parse(Body).RootElement.GetProperty("data").GetProperty("message").GetString()!;
    }

    public Receiver(params int[] answers)
    {
        _answers = new Queue<int>(answers.Length > 0 ? answers : [204]);
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/hook/";
        probe.Stop();
        _http.Prefixes.Add(Url);
        _http.Start();
        _ = ServeAsync();
    }

    public string Url { get; }

    public Task<Request> NextAsync() => _requests.Reader.ReadAsync().AsTask().WaitAsync(CepProgram.Limit);

    public void Dispose() => ((IDisposable)_http).Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                await TakeAsync(await _http.GetContextAsync());
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private async Task TakeAsync(HttpListenerContext context)
    {
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        var headers = context.Request.Headers;
        context.Response.StatusCode = _answers.Count > 1 ? _answers.Dequeue() : _answers.Peek();
        context.Response.Close();
        _requests.Writer.TryWrite(new Request(
            headers["webhook-id"]!, headers["webhook-timestamp"]!, headers["webhook-signature"]!,
            context.Request.ContentType, body.ToArray()));
    }
}
