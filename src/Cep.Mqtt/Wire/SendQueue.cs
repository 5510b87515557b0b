namespace Cep.Mqtt.Wire;

/// <summary>
/// The bytes on their way to a peer. Any thread appends; one task writes, all that has gathered at a time. A peer that
/// does not read until <paramref name="maxBytes"/> are waiting loses its connection.
/// </summary>
internal sealed class SendQueue(Stream stream, int maxBytes, TimeProvider clock, Action<Exception> failed)
    : IThreadPoolWorkItem
{
    private readonly Lock _lock = new();
    private byte[] _gathering = new byte[1024];
    private byte[] _writing = new byte[1024];
    private int _count;
    private bool _busy;
    private bool _broken;
    private TaskCompletionSource? _drained;
    private long _lastSent = clock.GetTimestamp();

    /// <summary>When something was last sent, as the clock's timestamp.</summary>
    public long LastSent => Interlocked.Read(ref _lastSent);

    /// <summary>Takes bytes, those of <paramref name="rest"/> right after those of <paramref name="bytes"/>.</summary>
    public void Append(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> rest = default)
    {
        lock (_lock)
        {
            if (_broken)
                return;
            var needed = _count + bytes.Length + rest.Length;
            if (needed > maxBytes && _count > 0)
            {
                _broken = true;
                var why = new IOException($"the peer does not take what waits for it, {_count} bytes");
                _ = Task.Run(() => failed(why));
                return;
            }

            if (needed > _gathering.Length)
                Array.Resize(ref _gathering, Math.Max(needed, _gathering.Length * 2));
            bytes.CopyTo(_gathering.AsSpan(_count));
            rest.CopyTo(_gathering.AsSpan(_count + bytes.Length));
            _count = needed;
            if (_busy)
                return;
            _busy = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Done at once where at most half of what may wait is waiting, else when all is written.</summary>
    public Task RoomAsync()
    {
        lock (_lock)
            return _count * 2L > maxBytes ? Drained() : Task.CompletedTask;
    }

    /// <summary>Done when all is written, or nothing can be any more.</summary>
    public Task DrainAsync()
    {
        lock (_lock)
            return Drained();
    }

    void IThreadPoolWorkItem.Execute() => _ = WriteAsync();

    private Task Drained()
    {
        if (!_busy || _broken)
            return Task.CompletedTask;
        _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _drained.Task;
    }

    private async Task WriteAsync()
    {
        try
        {
            while (Next() is { Length: > 0 } bytes)
            {
                await stream.WriteAsync(bytes);
                Interlocked.Exchange(ref _lastSent, clock.GetTimestamp());
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            lock (_lock)
            {
                _broken = true;
                _drained?.TrySetResult();
            }

            failed(e);
        }
    }

    private ReadOnlyMemory<byte> Next()
    {
        lock (_lock)
        {
            if (_count == 0)
            {
                _busy = false;
                _drained?.TrySetResult();
                _drained = null;
                return default;
            }

            (_gathering, _writing) = (_writing, _gathering);
            var bytes = _writing.AsMemory(0, _count);
            _count = 0;
            return bytes;
        }
    }
}
