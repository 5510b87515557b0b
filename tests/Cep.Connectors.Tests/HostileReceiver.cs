using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cep.Connectors.Tests;

/// <summary>
/// An HTTP receiver at the level of bytes, that does what its script says with each request: answer with a status and
/// headers, hang, drop the connection, or answer nonsense.
/// </summary>
internal sealed class HostileReceiver : IDisposable
{
    public const string Hang = "hang";
    public const string Drop = "drop";
    private readonly TcpListener _listener;
    private readonly Func<int, string> _script;
    private readonly CancellationTokenSource _stop = new();
    private int _count;

    /// <param name="script">What to do with the request of that number, from 0: the status line's end, and headers.
    /// </param>
    /// <param name="port">A port, or 0 for a free one.</param>
    public HostileReceiver(Func<int, string> script, int port = 0)
    {
        _script = script;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _ = ServeAsync();
    }

    internal sealed record Request(string Target, Dictionary<string, string> Headers, string Body, string Answer)
    {
        public string Id => Headers.GetValueOrDefault("webhook-id", "");

        public bool IsTaken => Answer.StartsWith('2');
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri Url => new($"http://127.0.0.1:{Port}/hook");

    public ConcurrentQueue<Request> Requests { get; } = new();

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                _ = AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.Latin1);
                while (await ReadAsync(reader) is { } read)
                {
                    var answer = _script(Interlocked.Increment(ref _count) - 1);
                    Requests.Enqueue(read with { Answer = answer });
                    if (answer == Drop)
                        return;
                    if (answer == Hang)
                        await Task.Delay(Timeout.Infinite, _stop.Token);
                    await stream.WriteAsync(
                        Encoding.ASCII.GetBytes($"HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n"));
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // the sink is gone, or the test is over
            }
        }
    }

    private static async Task<Request?> ReadAsync(StreamReader reader)
    {
        if (await reader.ReadLineAsync() is not { } first)
            return null;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
            headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
        var body = new char[int.Parse(headers["Content-Length"], CultureInfo.InvariantCulture)];
        await reader.ReadBlockAsync(body);
        return new Request(first.Split(' ')[1], headers, new string(body), "");
    }
}
