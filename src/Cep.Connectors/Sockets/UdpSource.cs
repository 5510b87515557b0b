using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Cep.Connectors.Formats;
using Cep.Events;

namespace Cep.Connectors.Sockets;

/// <summary>
/// NDJSON over UDP: a datagram holds one or several whole lines, the last with or without a line feed. A sender can't
/// be slowed down: datagrams that come while many wait are let go of, and their events are counted as shed.
/// </summary>
public sealed class UdpSource : ISource
{
    private const int MaxDatagramBytes = 1 << 16;
    private const int DatagramsWaiting = 4096;
    private const int BytesWaiting = 16 << 20;
    private const int SocketBufferBytes = 4 << 20;
    private readonly Socket _socket;
    private readonly StreamSchema _schema;
    private readonly DecoderOptions _options;
    private readonly TimeProvider _clock;
    private readonly Channel<byte[]> _waiting = Channel.CreateBounded<byte[]>(DatagramsWaiting);
    private readonly string _name;
    private int _bytesWaiting;
    private int _unreportedShed;
    private long _shed;

    private UdpSource(Socket socket, StreamSchema schema, DecoderOptions options, TimeProvider clock)
    {
        _socket = socket;
        _schema = schema;
        _options = options;
        _clock = clock;
        _name = $"udp listen {socket.LocalEndPoint}";
    }

    public string Name => _name;

    public string Stream => _schema.Name;

    /// <summary>The port that is listened on.</summary>
    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Lines that were let go of because too many came.</summary>
    public long Shed => Interlocked.Read(ref _shed);

    /// <summary>Listens from now on; port 0 takes a free one.</summary>
    /// <exception cref="SocketException">The address is in use or not this machine's.</exception>
    public static UdpSource Listen(IPEndPoint address, StreamSchema schema, DecoderOptions options, TimeProvider clock)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveBufferSize = SocketBufferBytes,
        };
        try
        {
            socket.Bind(address);
            return new UdpSource(socket, schema, options, clock);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task RunAsync(Intake intake, CancellationToken stop)
    {
        var decoding = Task.Run(() => DecodeAsync(intake), CancellationToken.None);
        try
        {
            await ReceiveAsync(stop);
        }
        catch (OperationCanceledException)
        {
            _socket.Dispose();
            _waiting.Writer.Complete();
            await decoding;
        }
    }

    private async Task ReceiveAsync(CancellationToken stop)
    {
        var buffer = new byte[MaxDatagramBytes];
        while (true)
        {
            int length;
            try
            {
                length = await _socket.ReceiveAsync(buffer.AsMemory(), stop);
            }
            catch (SocketException)
            {
                // about one datagram, not about the socket
                continue;
            }

            var datagram = buffer.AsSpan(0, length);
            if (Interlocked.Add(ref _bytesWaiting, length) <= BytesWaiting
                && _waiting.Writer.TryWrite(datagram.ToArray()))
                continue;
            Interlocked.Add(ref _bytesWaiting, -length);
            var lines = LinesIn(datagram);
            Interlocked.Add(ref _unreportedShed, lines);
            Interlocked.Add(ref _shed, lines);
        }
    }

    private async Task DecodeAsync(Intake intake)
    {
        var decoder = new PushDecoder(new NdjsonDecoder(_schema, _options), _options.MaxLineBytes, _clock);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            // as many as are there make a batch
            for (var bytes = 0; bytes < MaxDatagramBytes && _waiting.Reader.TryRead(out var datagram);)
            {
                Interlocked.Add(ref _bytesWaiting, -datagram.Length);
                bytes += datagram.Length;
                decoder.Append(datagram);
                if (datagram is not [.., (byte)'\n'])
                    decoder.Append("\n"u8);
            }

            while (decoder.Take() is { } batch)
            {
                batch.Shed = Interlocked.Exchange(ref _unreportedShed, 0);
                await intake.AcceptAsync(new Arrival(batch), CancellationToken.None);
            }
        }

        if (Interlocked.Exchange(ref _unreportedShed, 0) is > 0 and var shed)
        {
            var last = decoder.Empty();
            last.Shed = shed;
            await intake.AcceptAsync(new Arrival(last), CancellationToken.None);
        }
    }

    private static int LinesIn(ReadOnlySpan<byte> datagram) =>
        datagram.Count((byte)'\n') + (datagram is [.., not (byte)'\n'] ? 1 : 0);
}
