using Cep.Events;
using Cep.Expressions;
using Cep.Expressions.Evaluation;
using Cep.Plans;
using Cep.State;

namespace Cep.Detection;

/// <summary>
/// Gives each key a small number, its slot, by which detectors keep their state. Keys of other partitions get -1. Slots
/// that nothing holds any more are used again.
/// </summary>
internal sealed class KeyTable
{
    /// <summary>The slot of keys that belong to another partition.</summary>
    public const int Elsewhere = -1;

    private readonly KeySource[] _sources;
    private readonly KeyShare _share;
    private readonly KeyStore _store = new();
    private byte[] _buffer = new byte[256];
    private (object?[] Parts, KeyValuePair<string, object?>[] Shown)[] _shown = [];
    private int _sweep;
    private int _sweepAt;

    /// <param name="by">For each input the parts of the key.</param>
    /// <param name="share">Which keys are here.</param>
    public KeyTable(ValueList<ValueList<NamedExpr>> by, KeyShare share)
    {
        By = by;
        _share = share;
        _sweepAt = share.SweepFromKeys;
        var compiler = new EvalCompiler();
        _sources = [.. by.Select(parts => new KeySource(parts, compiler))];
    }

    /// <summary>For each input the parts of the key; their names and types are those of the first.</summary>
    public ValueList<ValueList<NamedExpr>> By { get; }

    /// <summary>One more than the largest slot in use.</summary>
    public int Limit => _store.Limit;

    public int Count => _store.Count;

    public bool IsLive(int slot) => _store.IsLive(slot);

    /// <summary>The slots of the rows' keys, new ones for new keys.</summary>
    public void Slots(int input, ReadOnlySpan<int> rows, Frame frame, Span<int> slots)
    {
        var source = _sources[input];
        if (source.TextField >= 0)
        {
            SlotsByCode(source, frame.Columns[source.TextField], rows, slots);
            return;
        }

        if (source.Parts.Length == 0)
        {
            slots[..rows.Length].Fill(SlotOf([]));
            return;
        }

        for (var i = 0; i < rows.Length; i++)
        {
            frame.Row = rows[i];
            slots[i] = SlotOf(Encode(source, frame));
        }
    }

    /// <summary>The parts of a slot's key.</summary>
    public object?[] KeyOf(int slot) => KeyBytes.Decode(_store.KeyOf(slot), By.Count == 0 ? 0 : By[0].Count);

    /// <summary>
    /// The parts of a slot's key, and with their names as alerts show them; kept, because alerts tend to repeat.
    /// </summary>
    public (object?[] Parts, KeyValuePair<string, object?>[] Shown) ShownKeyOf(int slot)
    {
        if (slot >= _shown.Length)
            Array.Resize(ref _shown, Math.Max(slot + 1, _shown.Length * 2));
        if (_shown[slot].Parts is null)
        {
            var parts = KeyOf(slot);
            _shown[slot] = (parts, Show(parts, By[0]));
        }

        return _shown[slot];
    }

    /// <summary>The parts of a key with their names.</summary>
    public static KeyValuePair<string, object?>[] Show(object?[] parts, ValueList<NamedExpr> by)
    {
        var shown = new KeyValuePair<string, object?>[parts.Length];
        for (var i = 0; i < shown.Length; i++)
            shown[i] = KeyValuePair.Create(by[i].Name, ShownValue.Of(parts[i], by[i].Value.Type));
        return shown;
    }

    /// <summary>The key's canonical bytes: equal keys have equal bytes.</summary>
    public ReadOnlySpan<byte> BytesOf(int slot) => _store.KeyOf(slot);

    /// <summary>
    /// Looks at some slots in turn and lets go of those that nothing holds; cheap enough to be called for every batch.
    /// It rests until there are twice as many keys as it left the last time: keys that come back soon keep their slot.
    /// </summary>
    public void Sweep(int howMany, Func<int, bool> holds, Action<int> release)
    {
        if (Count < _sweepAt)
            return;
        for (var n = Math.Min(howMany, Limit); n > 0; n--)
        {
            if (_sweep >= Limit)
            {
                _sweep = 0;
                _sweepAt = Math.Max(_share.SweepFromKeys, Count * 2);
                return;
            }

            var slot = _sweep++;
            if (!_store.IsLive(slot) || holds(slot))
                continue;
            release(slot);
            _store.Remove(slot);
            if (slot < _shown.Length)
                _shown[slot] = default;
            foreach (var source in _sources)
                source.Forget(slot);
        }
    }

    public void Save(StateWriter writer)
    {
        writer.Int(Count);
        for (var slot = 0; slot < Limit; slot++)
        {
            if (!_store.IsLive(slot))
                continue;
            writer.Int(slot);
            writer.Bytes(_store.KeyOf(slot));
        }
    }

    /// <summary>
    /// Reads keys; gives for each old slot the new one, or -1 where the key belongs to another partition.
    /// </summary>
    public Dictionary<int, int> Load(StateReader reader)
    {
        var map = new Dictionary<int, int>();
        for (var n = reader.Count(); n > 0; n--)
        {
            var slot = reader.Int();
            map[slot] = SlotOf(reader.Bytes());
        }

        return map;
    }

    /// <summary>Takes in the keys of another table; gives for each slot there the one here.</summary>
    public Dictionary<int, int> TakeOver(KeyTable from)
    {
        var map = new Dictionary<int, int>();
        for (var slot = 0; slot < from.Limit; slot++)
            if (from.IsLive(slot))
                map[slot] = SlotOf(from.BytesOf(slot));
        return map;
    }

    private void SlotsByCode(KeySource source, Column column, ReadOnlySpan<int> rows, Span<int> slots)
    {
        source.Use(column.Pool);
        var byCode = source.SlotsByCode;
        var codes = column.Codes;
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            var known = column.IsNull(row) ? 0 : byCode[codes[row]];
            slots[i] = known != 0 ? known - 2 : SlotOfRow(source, column, row);
        }
    }

    private int SlotOfRow(KeySource source, Column column, int row)
    {
        if (column.IsNull(row))
            return SlotOf([KeyBytes.NullTag]);
        var length = 0;
        KeyBytes.AppendText(ref _buffer, ref length, column.Pool.Utf8(column.Codes[row]));
        var slot = SlotOf(_buffer.AsSpan(0, length));
        source.Remember(column.Codes[row], slot);
        return slot;
    }

    private ReadOnlySpan<byte> Encode(KeySource source, Frame frame)
    {
        var length = 0;
        foreach (var part in source.Parts)
            KeyBytes.Append(ref _buffer, ref length, part, frame);
        return _buffer.AsSpan(0, length);
    }

    private int SlotOf(ReadOnlySpan<byte> key)
    {
        var hash = StringPool.Hash(key);
        return _share.Partitions > 1 && (int)((hash >> 33) % (ulong)_share.Partitions) != _share.Partition
            ? Elsewhere
            : _store.SlotOf(key, hash);
    }
}
