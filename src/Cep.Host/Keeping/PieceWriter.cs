using System.Buffers;

namespace Cep.Host.Keeping;

/// <summary>
/// Takes a large state without ever moving what was written: pieces of a megabyte, that are used again for the next
/// one. Written by one thread, then read by another.
/// </summary>
internal sealed class PieceWriter : IBufferWriter<byte>
{
    private const int PieceBytes = 1 << 20;
    private readonly List<byte[]> _pieces = [];
    private readonly List<int> _lengths = [];
    private int _current = -1;

    /// <summary>What was written, piece by piece.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces
    {
        get
        {
            for (var i = 0; i <= _current; i++)
                if (_lengths[i] > 0)
                    yield return _pieces[i].AsMemory(0, _lengths[i]);
        }
    }

    /// <summary>
    /// Makes room beforehand: the first use of fresh memory takes longer than all that is written there.
    /// </summary>
    public void Reserve(long bytes)
    {
        for (var room = (long)_pieces.Count * PieceBytes; room < bytes; room += PieceBytes)
        {
            _pieces.Add(new byte[PieceBytes]);
            _lengths.Add(0);
        }
    }

    public void Clear()
    {
        _current = -1;
        for (var i = 0; i < _lengths.Count; i++)
            _lengths[i] = 0;
    }

    public void Advance(int count) => _lengths[_current] += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _pieces[_current].AsMemory(_lengths[_current]);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _pieces[_current].AsSpan(_lengths[_current]);
    }

    private void MakeRoom(int count)
    {
        if (_current >= 0 && _pieces[_current].Length - _lengths[_current] >= Math.Max(1, count))
            return;
        _current++;
        if (_current < _pieces.Count && _pieces[_current].Length >= count)
            return;
        var piece = GC.AllocateUninitializedArray<byte>(Math.Max(PieceBytes, count));
        if (_current < _pieces.Count)
            _pieces[_current] = piece;
        else
        {
            _pieces.Add(piece);
            _lengths.Add(0);
        }
    }
}
