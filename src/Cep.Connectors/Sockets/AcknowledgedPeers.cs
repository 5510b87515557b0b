using System.Buffers;
using System.Text;
using System.Text.Json;
using Cep.Connectors.Formats;
using Cep.Events;

namespace Cep.Connectors.Sockets;

/// <summary>
/// Lines over TCP that reach the engine exactly once. The client begins with the line <c>{"client":"NAME"}</c>; the
/// answer <c>{"kept":N}</c> says how many of its lines are kept, in all its connections so far, and the client goes
/// on with the line after that; the answer comes again whenever more are kept. What the client may not do is answered
/// by <c>{"error":"…"}</c>, and the connection ends.
/// </summary>
/// <remarks>
/// Blank lines and lines that are rejected count too. A last line without a line feed does not: it has to come again.
/// </remarks>
internal sealed class AcknowledgedPeers(
    StreamSchema schema, DecoderOptions options, TcpOptions limits, TimeProvider clock, Intake intake)
{
    private const int MaxGreetingBytes = 1024;
    private const int MaxNameLength = 128;
    private readonly Dictionary<string, AcknowledgedClient> _clients = new(StringComparer.Ordinal);

    /// <summary>Serves a connection until it ends.</summary>
    public async Task ServeAsync(PeerStream peer, CancellationToken stop)
    {
        var (client, error) = await GreetingAsync(peer);
        if (client is null)
        {
            if (error is not null)
                await peer.WriteAsync(Line("error", error), limits.GreetingLimit, stop);
            return;
        }

        using var connection = await client.TakeOverAsync(stop);
        try
        {
            // it goes on exactly after what came over its last connection
            await client.WhenAllKeptAsync(connection.Token);
            await peer.WriteAsync(KeptLine(client.Kept), limits.IdleLimit, connection.Token);
            var telling = TellAsync(peer, client, connection.Token);
            try
            {
                await ReadAsync(peer, client, stop, connection.Token);
                await client.WhenAllKeptAsync(connection.Token);
            }
            finally
            {
                client.EndNews();
                await telling;
            }
        }
        finally
        {
            client.Leave();
        }
    }

    private async Task<(AcknowledgedClient? Client, string? Error)> GreetingAsync(PeerStream peer)
    {
        while (true)
        {
            var read = await peer.ReadAsync(limits.GreetingLimit);
            if (read.Buffer.PositionOf((byte)'\n') is { } feed)
            {
                var line = read.Buffer.Slice(0, feed);
                var name = line.Length <= MaxGreetingBytes ? NameIn(line) : null;
                peer.AdvanceTo(read.Buffer.GetPosition(1, feed));
                return name is null ? (null, """the first line must be {"client":"NAME"}""") : Find(name);
            }

            if (read.IsCompleted)
                return (null, null);
            if (read.Buffer.Length > MaxGreetingBytes)
                return (null, """the first line must be {"client":"NAME"}""");
            peer.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private (AcknowledgedClient? Client, string? Error) Find(string name)
    {
        lock (_clients)
        {
            if (_clients.TryGetValue(name, out var known))
                return (known, null);
            if (_clients.Count >= limits.MaxClients)
                return (null, "there are too many clients");
            try
            {
                var client = new AcknowledgedClient(name, intake.LastMark(name));
                _clients.Add(name, client);
                return (client, null);
            }
            catch (InvalidDataException e)
            {
                return (null, e.Message);
            }
        }
    }

    private async Task ReadAsync(
        PeerStream peer, AcknowledgedClient client, CancellationToken stop, CancellationToken connection)
    {
        var decoder = new PushDecoder(
            new NdjsonDecoder(schema, options) { LinesRead = client.Taken }, options.MaxLineBytes, clock);
        while (true)
        {
            connection.ThrowIfCancellationRequested();
            var read = await peer.ReadAsync(limits.IdleLimit).AsTask().WaitAsync(connection);
            decoder.Append(read.Buffer);
            peer.AdvanceTo(read.Buffer.End);
            while (decoder.Take() is { } batch)
                await intake.AcceptAsync(client.Arrival(batch, decoder.LinesRead), stop);

            // blank lines count, but make no batch
            if (decoder.LinesRead > client.Taken)
                await intake.AcceptAsync(client.Arrival(decoder.Empty(), decoder.LinesRead), stop);
            if (read.IsCompleted)
                return;
        }
    }

    private async Task TellAsync(PeerStream peer, AcknowledgedClient client, CancellationToken stop)
    {
        try
        {
            while (await client.MoreKeptAsync(stop))
                await peer.WriteAsync(KeptLine(client.TakeKept()), limits.IdleLimit, stop);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // it will be told when it connects again
        }
    }

    private static byte[] KeptLine(long kept) => Encoding.ASCII.GetBytes($"{{\"kept\":{kept}}}\n");

    private static byte[] Line(string name, string text)
    {
        var line = new Utf8Buffer();
        line.Raw("{"u8);
        line.String(name);
        line.Raw(":"u8);
        line.String(text);
        line.Raw("}\n"u8);
        return line.Written.ToArray();
    }

    private static string? NameIn(ReadOnlySequence<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("client", out var client) && client.ValueKind == JsonValueKind.String
                && client.GetString() is { Length: > 0 and <= MaxNameLength } name && !name.Any(char.IsControl)
                    ? name
                    : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
