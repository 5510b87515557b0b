using System.Net;
using System.Net.Sockets;

namespace Cep.Mqtt.Tests.Peers;

/// <summary>Stands between a client and its peer, and can be cut.</summary>
internal sealed class Cable : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _sockets = [];

    public Cable(int target)
    {
        Target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The port of the peer.</summary>
    public int Target { get; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Resets all connections; new ones can be made.</summary>
    public void Cut()
    {
        lock (_sockets)
        {
            foreach (var socket in _sockets)
                socket.Close(0);
            _sockets.Clear();
        }
    }

    public void Dispose()
    {
        _listener.Stop();
        Cut();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptSocketAsync();
                var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await far.ConnectAsync(IPAddress.Loopback, Target);
                }
                catch (SocketException)
                {
                    // the peer is away
                    near.Close(0);
                    continue;
                }

                lock (_sockets)
                    _sockets.AddRange([near, far]);
                _ = CopyAsync(near, far);
                _ = CopyAsync(far, near);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        try
        {
            await using var input = new NetworkStream(from);
            await using var output = new NetworkStream(to);
            await input.CopyToAsync(output);
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // cut
        }
    }
}
