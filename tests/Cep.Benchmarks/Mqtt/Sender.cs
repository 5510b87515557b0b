using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Cep.Benchmarks.Mqtt;

/// <summary>
/// Publishes as fast as a peer takes it, in a process of its own and with as little work as can be: prepared packets
/// of MQTT 3.1.1, of which only the ids are set.
/// </summary>
internal sealed class Sender
{
    private const int Prepared = 4096;
    private const int PayloadBytes = 180;
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _packets;
    private readonly int _packetBytes;
    private readonly int _idAt;
    private readonly int _qos;
    private readonly int _window;
    private readonly SemaphoreSlim _room;
    private long _acknowledged;

    private Sender(int port, int qos, int window)
    {
        _qos = qos;
        _window = window;
        _room = new SemaphoreSlim(0);
        var topic = Encoding.UTF8.GetBytes("pay/c1/tx");
        _idAt = 3 + 2 + topic.Length;
        var body = 2 + topic.Length + (qos > 0 ? 2 : 0) + PayloadBytes;
        _packetBytes = 3 + body;
        _packets = new byte[_packetBytes * Prepared];
        for (var i = 0; i < Prepared; i++)
        {
            var packet = _packets.AsSpan(i * _packetBytes, _packetBytes);
            packet[0] = (byte)(0x30 | qos << 1);
            packet[1] = (byte)(body & 0x7F | 0x80);
            packet[2] = (byte)(body >> 7);
            BinaryPrimitives.WriteUInt16BigEndian(packet[3..], (ushort)topic.Length);
            topic.CopyTo(packet[5..]);
            Encoding.UTF8.GetBytes(Payload(i)).CopyTo(packet[^PayloadBytes..]);
        }

        _socket.Connect("127.0.0.1", port);
        _socket.Send(Convert.FromHexString("101200044D51545404020000000673656E646572"));
        _socket.Receive(new byte[4]);
    }

    public static void Run(int port, int qos, int window, long count)
    {
        var sender = new Sender(port, qos, window);
        if (qos > 0)
        {
            var reading = new Thread(() => sender.ReadAcks(count));
            reading.Start();
            sender.Send(count);
            reading.Join();
        }
        else
        {
            sender.Send(count);
        }

        sender._socket.Shutdown(SocketShutdown.Send);
        while (sender._socket.Receive(new byte[100]) > 0)
        {
        }
    }

    private static string Payload(int i)
    {
        var start = string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"ts\":{1767225600000 + i},\"id\":\"{i * 7919L:x16}\",\"card\":\"c{i * 31 % 100000:0000000}\","
            + $"\"amount\":{i % 997}.{i % 100:00},\"country\":\"DE\",\"merchant\":\"m{i % 1000:00000}\","
            + $"\"channel\":\"pos\"");
        return start + ",\"pad\":\"" + new string('x', PayloadBytes - start.Length - 10) + "\"}";
    }

    private void Send(long count)
    {
        const int Batch = 64;
        ushort id = 0;
        long room = _window;
        for (long sent = 0; sent < count;)
        {
            var now = (int)Math.Min(Batch, count - sent);
            if (_qos > 0)
            {
                while (room < now)
                {
                    _room.Wait();
                    room = _window - (sent - Interlocked.Read(ref _acknowledged));
                }

                room -= now;
            }

            var from = (int)(sent % Prepared);
            now = Math.Min(now, Prepared - from);
            if (_qos > 0)
                for (var i = 0; i < now; i++)
                {
                    id = (ushort)(id == ushort.MaxValue ? 1 : id + 1);
                    BinaryPrimitives.WriteUInt16BigEndian(
                        _packets.AsSpan((from + i) * _packetBytes + _idAt), id);
                }

            var bytes = _packets.AsSpan(from * _packetBytes, now * _packetBytes);
            while (bytes.Length > 0)
                bytes = bytes[_socket.Send(bytes)..];
            sent += now;
        }
    }

    private void ReadAcks(long count)
    {
        var buffer = new byte[1 << 16];
        for (long bytes = 0; bytes < count * 4;)
        {
            bytes += _socket.Receive(buffer);
            Interlocked.Exchange(ref _acknowledged, bytes / 4);
            if (_room.CurrentCount == 0)
                _room.Release();
        }
    }
}
