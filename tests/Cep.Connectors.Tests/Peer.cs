using System.Net.Sockets;
using System.Text;

namespace Cep.Connectors.Tests;

/// <summary>The other end of a connection.</summary>
internal sealed class Peer : IDisposable
{
    private readonly TcpClient _client;
    private StreamReader? _reader;

    public Peer(int port)
    {
        _client = new TcpClient("127.0.0.1", port) { NoDelay = true };
        Stream = _client.GetStream();
    }

    public Stream Stream { get; }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public Task SendAsync(byte[] bytes) => Stream.WriteAsync(bytes).AsTask().WaitAsync(Taker.Limit);

    public void EndSending() => _client.Client.Shutdown(SocketShutdown.Send);

    /// <summary>The next line that comes, or null at the end, however it ends.</summary>
    public async Task<string?> LineAsync()
    {
        _reader ??= new StreamReader(Stream);
        try
        {
            return await _reader.ReadLineAsync().WaitAsync(Taker.Limit);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => _client.Dispose();
}
