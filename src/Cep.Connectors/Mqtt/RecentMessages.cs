using System.Buffers.Binary;
using System.Globalization;
using Cep.Events;

namespace Cep.Connectors.Mqtt;

/// <summary>
/// The messages of a session that were handed over lately: id and hash. A peer that sends one again, because it saw no
/// acknowledgement, is recognised, in this run or, by marks, in the next.
/// </summary>
/// <remarks>
/// Remembered are the last <c>window</c> messages at least; a peer that may have no more than half of them
/// unacknowledged can't send an older one again. Marks hold them in parts, in turns: a part is written anew by each
/// arrival until it holds 64, so that an arrival's mark is no larger than that, or than the arrival's own messages. An
/// id that is used again replaces the older entry. What can't be told apart: a new message with the id, topic and
/// payload of an acknowledged one, sent but not received before the connection broke. One thread at a time.
/// </remarks>
internal sealed class RecentMessages
{
    private const int PartSize = 64;
    private const int EntryBytes = 10;
    private const int HeadBytes = 8;
    private const ulong Mix = 0x9E3779B97F4A7C15;
    private readonly string _name;
    private readonly Part[] _parts;
    private readonly Dictionary<ushort, Entry> _known = [];
    private long _turn;

    /// <param name="name">What the names of the parts begin with.</param>
    /// <param name="window">How many messages are remembered at least.</param>
    /// <param name="markOf">Gives what was kept of a part in an earlier run, or null.</param>
    public RecentMessages(string name, int window, Func<string, byte[]?> markOf)
    {
        _name = name;
        _parts = [.. Enumerable.Range(0, (window + PartSize - 1) / PartSize + 1).Select(_ => new Part())];
        var kept = Enumerable.Range(0, _parts.Length)
            .Select(i => markOf(NameOf(i))).OfType<byte[]>().Where(IsWhole)
            .OrderBy(b => BinaryPrimitives.ReadInt64LittleEndian(b));
        foreach (var bytes in kept)
            Load(bytes);
        if (Current.Messages.Count >= PartSize)
            Turn();
    }

    private readonly record struct Entry(ulong Hash, long Turn);

    private sealed class Part
    {
        public List<(ushort Id, ulong Hash)> Messages { get; } = [];
    }

    public bool IsEmpty => _known.Count == 0;

    private Part Current => _parts[_turn % _parts.Length];

    public static ulong HashOf(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload) =>
        StringPool.Hash(payload) ^ (StringPool.Hash(topic) * Mix);

    /// <summary>Whether a message that is sent again was handed over before.</summary>
    public bool Contains(ushort id, ulong hash) => _known.TryGetValue(id, out var entry) && entry.Hash == hash;

    public void Add(ushort id, ulong hash)
    {
        _known[id] = new Entry(hash, _turn);
        Current.Messages.Add((id, hash));
    }

    /// <summary>The mark of what was added since the last one; further messages may go to another part.</summary>
    public SourceMark TakeMark()
    {
        var messages = Current.Messages;
        var bytes = new byte[HeadBytes + EntryBytes * messages.Count];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, _turn);
        for (var i = 0; i < messages.Count; i++)
        {
            var at = bytes.AsSpan(HeadBytes + EntryBytes * i);
            BinaryPrimitives.WriteUInt16LittleEndian(at, messages[i].Id);
            BinaryPrimitives.WriteUInt64LittleEndian(at[2..], messages[i].Hash);
        }

        var mark = new SourceMark(NameOf((int)(_turn % _parts.Length)), bytes);
        if (messages.Count >= PartSize)
            Turn();
        return mark;
    }

    private string NameOf(int part) => string.Create(CultureInfo.InvariantCulture, $"{_name}/{part}");

    private static bool IsWhole(byte[] bytes) =>
        bytes.Length >= HeadBytes && (bytes.Length - HeadBytes) % EntryBytes == 0
        && BinaryPrimitives.ReadInt64LittleEndian(bytes) is >= 0 and < long.MaxValue;

    private void Load(byte[] bytes)
    {
        _turn = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Forget(Current);
        for (var at = HeadBytes; at < bytes.Length; at += EntryBytes)
            Add(
                BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at)),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at + 2)));
    }

    private void Turn()
    {
        _turn++;
        Forget(Current);
    }

    private void Forget(Part part)
    {
        foreach (var (id, _) in part.Messages)
            if (_known.TryGetValue(id, out var entry) && entry.Turn <= _turn - _parts.Length)
                _known.Remove(id);
        part.Messages.Clear();
    }
}
