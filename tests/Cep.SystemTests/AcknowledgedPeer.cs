using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Cep.SystemTests;

/// <summary>
/// A client of an acknowledged TCP source: it sends its lines in order, and after every break goes on with the first
/// one that is not known to be kept.
/// </summary>
internal sealed class AcknowledgedPeer(int port, string name, IReadOnlyList<string> lines)
{
    private int _ready;

    /// <summary>Lets go of more lines.</summary>
    public void Send(int upTo) => Volatile.Write(ref _ready, upTo);

    /// <summary>Sends until all lines are kept.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        for (var kept = 0; kept < lines.Count;)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, stop);
                kept = await TalkAsync(client.GetStream(), stop);
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // nobody listens just now
                await Task.Delay(10, stop);
            }
        }
    }

    private async Task<int> TalkAsync(NetworkStream stream, CancellationToken stop)
    {
        using var reader = new StreamReader(stream);
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{{\"client\":\"{name}\"}}\n"), stop);
        var kept = await KeptAsync(reader, stop);
        var sent = kept;
        while (kept < lines.Count)
        {
            var ready = Volatile.Read(ref _ready);
            var text = new StringBuilder();
            for (; sent < ready; sent++)
                text.Append(lines[sent]).Append('\n');
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), stop);
            if (kept < sent)
                kept = await KeptAsync(reader, stop);
            else
                await Task.Delay(5, stop);
        }

        return kept;
    }

    private static async Task<int> KeptAsync(StreamReader reader, CancellationToken stop)
    {
        var line = await reader.ReadLineAsync(stop) ?? throw new IOException("the connection ended");
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("kept").GetInt32();
    }
}
