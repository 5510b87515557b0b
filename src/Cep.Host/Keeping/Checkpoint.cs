using Cep.Storage;

namespace Cep.Host.Keeping;

/// <summary>
/// A state at one place of the journal, taken in memory and on its way into the store piece by piece. The buffers are
/// used again for the next one, so there is one at a time.
/// </summary>
internal sealed class Checkpoint
{
    private readonly List<(string Name, PieceWriter Bytes)> _sections = [];
    private int _used;

    public long Id { get; private set; }

    public long Sequence { get; private set; }

    public string Rules { get; private set; } = "";

    public long KeptMs { get; private set; }

    public void Begin(long id, long sequence, string rules, long keptMs)
    {
        (Id, Sequence, Rules, KeptMs, _used) = (id, sequence, rules, keptMs, 0);
    }

    /// <summary>The buffer of a section, empty.</summary>
    public PieceWriter Add(string name)
    {
        var bytes = _used < _sections.Count ? _sections[_used].Bytes : new PieceWriter();
        bytes.Clear();
        if (_used < _sections.Count)
            _sections[_used] = (name, bytes);
        else
            _sections.Add((name, bytes));
        _used++;
        return bytes;
    }

    /// <summary>What there is to keep, in order; the last of it makes the checkpoint count.</summary>
    public IEnumerable<StoreWrite> Writes()
    {
        var infos = new List<SectionInfo>();
        foreach (var (name, bytes) in _sections.Take(_used))
        {
            var (index, length) = (0, 0L);
            var check = new Checksum();
            foreach (var piece in bytes.Pieces)
            {
                check.Append(piece.Span);
                length += piece.Length;
                yield return new KeepPiece(Id, name, index++, piece);
            }

            infos.Add(new SectionInfo(name, length, check.Value));
        }

        yield return new KeepCheckpoint(new CheckpointInfo(Id, Sequence, Rules, KeptMs, infos));
    }
}
