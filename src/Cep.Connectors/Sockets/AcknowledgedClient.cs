using System.Buffers.Binary;
using System.Threading.Channels;

namespace Cep.Connectors.Sockets;

/// <summary>
/// A client that is told how many of its lines are kept. It outlives its connections, of which it has one at a time:
/// a new one takes the place of the old, which is often only half there.
/// </summary>
internal sealed class AcknowledgedClient
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _turn = new(1);
    private CancellationTokenSource? _connection;
    private TaskCompletionSource? _allKept;
    private Channel<bool>? _news;
    private long _taken;
    private long _kept;

    /// <param name="name">Its name, which is the part of its marks.</param>
    /// <param name="mark">The last mark kept for it, or null.</param>
    /// <exception cref="InvalidDataException">The mark is none of a client.</exception>
    public AcknowledgedClient(string name, byte[]? mark)
    {
        Name = name;
        if (mark is not null and not { Length: sizeof(long) })
            throw new InvalidDataException($"the mark of the client '{name}' is damaged");
        _kept = _taken = mark is null ? 0 : BinaryPrimitives.ReadInt64LittleEndian(mark);
    }

    public string Name { get; }

    /// <summary>The lines of it that were handed over.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>The lines of it that outlive a crash.</summary>
    public long Kept => Interlocked.Read(ref _kept);

    /// <summary>
    /// Ends the connection it has and waits until that is over.
    /// </summary>
    /// <returns>What stops the new connection.</returns>
    public async Task<CancellationTokenSource> TakeOverAsync(CancellationToken stop)
    {
        var connection = CancellationTokenSource.CreateLinkedTokenSource(stop);
        CancellationTokenSource? old;
        lock (_lock)
            (old, _connection) = (_connection, connection);
        try
        {
            await EndAsync(old);
            await _turn.WaitAsync(connection.Token);
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        _news = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        return connection;
    }

    /// <summary>Ends what <see cref="TakeOverAsync"/> began.</summary>
    public void Leave() => _turn.Release();

    /// <summary>The arrival of the lines up to this one, which is how many there were so far.</summary>
    public Arrival Arrival(Events.EventBatch batch, long lines)
    {
        var mark = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(mark, lines);
        Interlocked.Exchange(ref _taken, lines);
        return new Arrival(batch) { Mark = new SourceMark(Name, mark), Kept = () => Keep(lines) };
    }

    /// <summary>Waits until more lines are kept than at the last call, or there will be none.</summary>
    public ValueTask<bool> MoreKeptAsync(CancellationToken stop) => _news!.Reader.WaitToReadAsync(stop);

    /// <summary>The lines kept by now; the news of it is spent.</summary>
    public long TakeKept()
    {
        _news!.Reader.TryRead(out _);
        return Kept;
    }

    public void EndNews() => _news!.Writer.TryComplete();

    /// <summary>Waits until all lines that were handed over are kept.</summary>
    public Task WhenAllKeptAsync(CancellationToken stop)
    {
        lock (_lock)
        {
            if (Kept == Taken)
                return Task.CompletedTask;
            _allKept ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _allKept.Task.WaitAsync(stop);
        }
    }

    private static async Task EndAsync(CancellationTokenSource? connection)
    {
        try
        {
            await (connection?.CancelAsync() ?? Task.CompletedTask);
        }
        catch (ObjectDisposedException)
        {
            // it has ended by itself just now
        }
    }

    // on the thread that keeps
    private void Keep(long lines)
    {
        Interlocked.Exchange(ref _kept, lines);
        _news?.Writer.TryWrite(true);
        lock (_lock)
        {
            if (lines != Taken)
                return;
            _allKept?.TrySetResult();
            _allKept = null;
        }
    }
}
