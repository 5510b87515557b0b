using System.Net.Sockets;
using Cep.Mqtt.Codec;
using Cep.Mqtt.Tests.Peers;

namespace Cep.Mqtt.Tests;

/// <summary>A client that says exactly what the test wants.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly NetworkStream _stream;
    private readonly PacketWriter _writer;
    private readonly MqttVersion _version;

    public RawPeer(int port, MqttVersion version)
    {
        _version = version;
        _writer = new PacketWriter(version);
        _socket.Connect("127.0.0.1", port);
        _stream = new NetworkStream(_socket);
    }

    public async Task<ConnackPacket> ConnectAsync(
        string clientId, bool clean, ushort keepAlive = 0, WillPacket? will = null)
    {
        var properties = _version == MqttVersion.V5 && !clean
            ? new MqttProperties(MqttProperty.Of(PropertyId.SessionExpiry, 3600))
            : MqttProperties.None;
        await SendAsync(new ConnectPacket(_version, clientId)
        {
            CleanStart = clean,
            KeepAliveSeconds = keepAlive,
            Will = will,
            Properties = properties,
        });
        return Assert.IsType<ConnackPacket>(await ReadAsync());
    }

    public Task SendAsync(MqttPacket packet) => SendAsync(_writer.Write(packet).ToArray());

    public Task SendAsync(params byte[] bytes) => _stream.WriteAsync(bytes).AsTask().WaitAsync(Collector.Limit);

    public async Task<MqttPacket> ReadAsync()
    {
        var first = await BytesAsync(1);
        var length = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = (await BytesAsync(1))[0];
            length |= (part & 0x7F) << shift;
            if (part < 0x80)
                break;
        }

        return PacketParser.Parse(first[0], await BytesAsync(length), _version, new MqttLimits());
    }

    /// <summary>Waits until the peer has closed the connection.</summary>
    public async Task ClosedAsync()
    {
        try
        {
            while (await _stream.ReadAsync(new byte[1000]).AsTask().WaitAsync(Collector.Limit) > 0)
            {
            }
        }
        catch (IOException)
        {
            // closed by a reset
        }
    }

    /// <summary>Breaks the connection without a word.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        _socket.Close(0);
    }

    private async Task<byte[]> BytesAsync(int count)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes).AsTask().WaitAsync(Collector.Limit);
        return bytes;
    }
}
