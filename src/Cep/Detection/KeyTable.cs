using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
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
    private readonly int _partition;
    private readonly int _partitions;
    private readonly Dictionary<byte[], int> _slots = new(KeyBytes.Comparer);
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private readonly Stack<int> _free = new();
    private byte[]?[] _keys = new byte[]?[16];
    private byte[] _buffer = new byte[256];
    private int _sweep;

    /// <param name="by">For each input the parts of the key.</param>
    /// <param name="partition">Which partition this is.</param>
    /// <param name="partitions">How many there are.</param>
    public KeyTable(ValueList<ValueList<NamedExpr>> by, int partition, int partitions)
    {
        By = by;
        (_partition, _partitions) = (partition, partitions);
        var compiler = new EvalCompiler();
        _sources = [.. by.Select(parts => new KeySource(parts, compiler))];
        _lookup = _slots.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>For each input the parts of the key; their names and types are those of the first.</summary>
    public ValueList<ValueList<NamedExpr>> By { get; }

    /// <summary>One more than the largest slot in use.</summary>
    public int Limit { get; private set; }

    public int Count => _slots.Count;

    public bool IsLive(int slot) => _keys[slot] is not null;

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
            slots[..rows.Length].Fill(SlotOf(KeyBytes.Empty));
            return;
        }

        for (var i = 0; i < rows.Length; i++)
        {
            frame.Row = rows[i];
            slots[i] = SlotOf(Encode(source, frame));
        }
    }

    /// <summary>The parts of a slot's key.</summary>
    public object?[] KeyOf(int slot) => KeyBytes.Decode(_keys[slot]!, By.Count == 0 ? 0 : By[0].Count);

    /// <summary>The key's canonical bytes: equal keys have equal bytes.</summary>
    public ReadOnlySpan<byte> BytesOf(int slot) => _keys[slot];

    /// <summary>
    /// Looks at some slots in turn and lets go of those that nothing holds; cheap enough to be called for every batch.
    /// </summary>
    public void Sweep(int howMany, Func<int, bool> holds, Action<int> release)
    {
        for (var n = Math.Min(howMany, Limit); n > 0; n--)
        {
            if (_sweep >= Limit)
                _sweep = 0;
            var slot = _sweep++;
            if (_keys[slot] is not { } key || holds(slot))
                continue;
            release(slot);
            _slots.Remove(key);
            _keys[slot] = null;
            foreach (var source in _sources)
                source.Forget(slot);
            _free.Push(slot);
        }
    }

    public void Save(StateWriter writer)
    {
        writer.Int(_slots.Count);
        for (var slot = 0; slot < Limit; slot++)
        {
            if (_keys[slot] is not { } key)
                continue;
            writer.Int(slot);
            writer.Bytes(key);
        }
    }

    /// <summary>Reads keys; gives for each old slot the new one, or -1 where the key belongs to another partition.</summary>
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
        if (_partitions > 1 && (int)((StringPool.Hash(key) >> 33) % (ulong)_partitions) != _partition)
            return Elsewhere;
        if (_lookup.TryGetValue(key, out var slot))
            return slot;
        slot = _free.Count > 0 ? _free.Pop() : Limit++;
        if (slot >= _keys.Length)
            Array.Resize(ref _keys, slot * 2);
        var bytes = key.ToArray();
        _keys[slot] = bytes;
        _slots.Add(bytes, slot);
        return slot;
    }

    /// <summary>How keys are read from the events of one input; a key that is one text field is found by the text's code.</summary>
    private sealed class KeySource
    {
        private int[] _codes = [];
        private StringPool? _pool;

        public KeySource(ValueList<NamedExpr> parts, EvalCompiler compiler)
        {
            Parts = [.. parts.Select(p => compiler.Compile(p.Value))];
            TextField = parts is [{ Value: FieldExpr { Type: DataType.String } field }] ? field.Field : -1;
        }

        public Eval[] Parts { get; }

        public int TextField { get; }

        /// <summary>Slot + 2 by code, so that 0 says "not known yet" and 1 "elsewhere".</summary>
        public int[] SlotsByCode = [];

        public void Use(StringPool pool)
        {
            if (!ReferenceEquals(_pool, pool))
            {
                _pool = pool;
                Array.Clear(SlotsByCode);
                Array.Fill(_codes, -1);
            }

            if (SlotsByCode.Length < pool.Count)
                Array.Resize(ref SlotsByCode, Math.Max(pool.Count, SlotsByCode.Length * 2));
        }

        public void Remember(int code, int slot)
        {
            SlotsByCode[code] = slot + 2;
            if (slot < 0)
                return;
            var length = _codes.Length;
            if (slot >= length)
            {
                Array.Resize(ref _codes, Math.Max(slot + 1, length * 2));
                Array.Fill(_codes, -1, length, _codes.Length - length);
            }

            _codes[slot] = code;
        }

        public void Forget(int slot)
        {
            if (slot < _codes.Length && _codes[slot] >= 0)
                SlotsByCode[_codes[slot]] = 0;
        }
    }
}

/// <summary>The canonical bytes of keys: a tag and the value for each part.</summary>
internal static class KeyBytes
{
    public const byte NullTag = 0;
    private const byte FalseTag = 1;
    private const byte TrueTag = 2;
    private const byte LongTag = 3;
    private const byte DoubleTag = 4;
    private const byte TextTag = 5;
    private const byte OtherTag = 6;

    public static readonly byte[] Empty = [];

    public static readonly IEqualityComparer<byte[]> Comparer = new BytesComparer();

    public static void Append(ref byte[] buffer, ref int length, Eval part, Frame frame)
    {
        switch (part)
        {
            case Eval<long> x when x.TryGet(frame, out var value):
                AppendNumber(ref buffer, ref length, LongTag, value);
                break;
            case Eval<string> x when x.TryGet(frame, out var value):
                AppendText(ref buffer, ref length, Encoding.UTF8.GetBytes(value));
                break;
            default:
                AppendValue(ref buffer, ref length, part.Box(frame));
                break;
        }
    }

    public static void AppendText(ref byte[] buffer, ref int length, ReadOnlySpan<byte> utf8, bool other = false)
    {
        Reserve(ref buffer, length + utf8.Length + 5);
        buffer[length++] = other ? OtherTag : TextTag;
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(length), utf8.Length);
        utf8.CopyTo(buffer.AsSpan(length + 4));
        length += utf8.Length + 4;
    }

    public static object?[] Decode(ReadOnlySpan<byte> key, int parts)
    {
        var values = new object?[parts];
        for (var i = 0; i < values.Length; i++)
        {
            var tag = key[0];
            key = key[1..];
            switch (tag)
            {
                case FalseTag or TrueTag:
                    values[i] = tag == TrueTag;
                    break;
                case LongTag:
                    values[i] = BinaryPrimitives.ReadInt64LittleEndian(key);
                    key = key[8..];
                    break;
                case DoubleTag:
                    values[i] = BinaryPrimitives.ReadDoubleLittleEndian(key);
                    key = key[8..];
                    break;
                case TextTag or OtherTag:
                    var length = BinaryPrimitives.ReadInt32LittleEndian(key);
                    values[i] = Encoding.UTF8.GetString(key.Slice(4, length));
                    key = key[(4 + length)..];
                    break;
                default:
                    break;
            }
        }

        return values;
    }

    private static void AppendValue(ref byte[] buffer, ref int length, object? value)
    {
        Reserve(ref buffer, length + 1);
        switch (value)
        {
            case null:
                buffer[length++] = NullTag;
                break;
            case bool b:
                buffer[length++] = b ? TrueTag : FalseTag;
                break;
            case long n:
                AppendNumber(ref buffer, ref length, LongTag, n);
                break;
            case double d:
                AppendNumber(ref buffer, ref length, DoubleTag, BitConverter.DoubleToInt64Bits(d == 0 ? 0 : d));
                break;
            case string s:
                AppendText(ref buffer, ref length, Encoding.UTF8.GetBytes(s));
                break;
            default:
                AppendText(ref buffer, ref length, Encoding.UTF8.GetBytes(AnyValue.Text(value)), other: true);
                break;
        }
    }

    private static void AppendNumber(ref byte[] buffer, ref int length, byte tag, long value)
    {
        Reserve(ref buffer, length + 9);
        buffer[length++] = tag;
        BinaryPrimitives.WriteInt64LittleEndian(buffer.AsSpan(length), value);
        length += 8;
    }

    private static void Reserve(ref byte[] buffer, int length)
    {
        if (length > buffer.Length)
            Array.Resize(ref buffer, Math.Max(length, buffer.Length * 2));
    }

    private sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj) => (int)StringPool.Hash(obj);

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)StringPool.Hash(alternate);
    }
}
