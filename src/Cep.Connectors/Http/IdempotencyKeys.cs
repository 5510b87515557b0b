using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Cep.Connectors.Http;

/// <summary>
/// The requests of late that named an idempotency key, and what became of them. The last ones are remembered, each in
/// a mark that is kept together with the request's events. Any thread.
/// </summary>
internal sealed class IdempotencyKeys
{
    private const int EntryBytes = 8 + 16 + 8 + 4 + 4;
    private readonly Lock _lock = new();
    private readonly UInt128?[] _slots;
    private readonly Dictionary<UInt128, Entry> _known = [];
    private readonly Dictionary<UInt128, TaskCompletionSource> _underWay = [];
    private long _next;

    /// <summary>A request that was kept.</summary>
    /// <param name="BodyHash">Tells whether another with this key has the same body.</param>
    /// <param name="Accepted">Its events.</param>
    /// <param name="Rejected">What was in it beside.</param>
    internal readonly record struct Entry(ulong BodyHash, int Accepted, int Rejected);

    public IdempotencyKeys(int capacity, Intake intake)
    {
        _slots = new UInt128?[capacity];
        for (var i = 0; i < capacity; i++)
            if (intake.LastMark(PartOf(i)) is { Length: EntryBytes } mark)
                Load(i, mark);
    }

    public static UInt128 HashOf(string key) =>
        BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    public static ulong HashOf(ReadOnlySpan<byte> body) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(body));

    /// <summary>
    /// What became of the request with this key, waiting for one that is under way. Null: there was none, and now it
    /// is under way until <see cref="Complete"/> or <see cref="GiveUp"/>.
    /// </summary>
    public async Task<Entry?> BeginAsync(UInt128 key, CancellationToken stop)
    {
        while (true)
        {
            Task other;
            lock (_lock)
            {
                if (_known.TryGetValue(key, out var entry))
                    return entry;
                if (!_underWay.TryGetValue(key, out var underWay))
                {
                    _underWay.Add(key, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                    return null;
                }

                other = underWay.Task;
            }

            await other.WaitAsync(stop);
        }
    }

    /// <summary>The mark that makes the request known, and what to call once it is kept.</summary>
    public (SourceMark Mark, Action Kept) Complete(UInt128 key, Entry entry)
    {
        long number;
        lock (_lock)
            number = _next++;
        var slot = (int)(number % _slots.Length);
        var bytes = new byte[EntryBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(8), key);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), entry.BodyHash);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(32), entry.Accepted);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(36), entry.Rejected);
        return (new SourceMark(PartOf(slot), bytes), () => Kept(slot, key, entry));
    }

    /// <summary>The request was not taken: another with its key is the first again.</summary>
    public void GiveUp(UInt128 key)
    {
        lock (_lock)
            if (_underWay.Remove(key, out var underWay))
                underWay.SetResult();
    }

    private void Kept(int slot, UInt128 key, Entry entry)
    {
        lock (_lock)
        {
            Remember(slot, key, entry);
            if (_underWay.Remove(key, out var underWay))
                underWay.SetResult();
        }
    }

    private void Load(int slot, byte[] mark)
    {
        _next = Math.Max(_next, BinaryPrimitives.ReadInt64LittleEndian(mark) + 1);
        var entry = new Entry(
            BinaryPrimitives.ReadUInt64LittleEndian(mark.AsSpan(24)),
            BinaryPrimitives.ReadInt32LittleEndian(mark.AsSpan(32)),
            BinaryPrimitives.ReadInt32LittleEndian(mark.AsSpan(36)));
        Remember(slot, BinaryPrimitives.ReadUInt128LittleEndian(mark.AsSpan(8)), entry);
    }

    private void Remember(int slot, UInt128 key, Entry entry)
    {
        if (_slots[slot] is { } forgotten)
            _known.Remove(forgotten);
        _slots[slot] = key;
        _known[key] = entry;
    }

    private static string PartOf(int slot) => string.Create(CultureInfo.InvariantCulture, $"key {slot}");
}
