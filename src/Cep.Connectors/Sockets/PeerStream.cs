using System.IO.Pipelines;

namespace Cep.Connectors.Sockets;

/// <summary>A peer's bytes, with a limit on how long it may be silent or deaf.</summary>
/// <remarks>
/// Only the waiting for the peer counts: one that is held up because the engine is busy is not silent.
/// </remarks>
internal sealed class PeerStream : IDisposable
{
    private readonly Stream _stream;
    private readonly PipeReader _reader;
    private readonly CancellationTokenSource _silence;
    private readonly CancellationTokenSource _either;
    private readonly TimeProvider _clock;

    public PeerStream(Stream stream, TimeProvider clock, CancellationToken stop)
    {
        _stream = stream;
        _reader = PipeReader.Create(stream);
        _clock = clock;
        _silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _either = CancellationTokenSource.CreateLinkedTokenSource(stop, _silence.Token);
    }

    /// <summary>Whether the peer was silent for too long.</summary>
    public bool WasSilent => _silence.IsCancellationRequested;

    /// <exception cref="OperationCanceledException">Nothing came in time, or it was stopped.</exception>
    public async ValueTask<ReadResult> ReadAsync(TimeSpan limit)
    {
        _silence.CancelAfter(limit);
        var read = await _reader.ReadAsync(_either.Token);
        _silence.CancelAfter(Timeout.InfiniteTimeSpan);
        return read;
    }

    public void AdvanceTo(SequencePosition consumed, SequencePosition examined) =>
        _reader.AdvanceTo(consumed, examined);

    public void AdvanceTo(SequencePosition consumed) => _reader.AdvanceTo(consumed);

    /// <exception cref="OperationCanceledException">The peer takes nothing, or it was stopped.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, TimeSpan limit, CancellationToken stop)
    {
        using var deaf = new CancellationTokenSource(limit, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deaf.Token, stop);
        await _stream.WriteAsync(bytes, either.Token);
    }

    public void Dispose()
    {
        _either.Dispose();
        _silence.Dispose();
        _stream.Dispose();
    }
}
