using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text;
using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>
/// The member names of JSON objects, each with the bytes it is written with (<c>"name":</c> and blanks) and the name
/// that followed it last time, so that a line like the one before costs one comparison a name.
/// </summary>
internal sealed unsafe class NameTable
{
    public const int Unknown = -1;
    private const int MaxNames = 1024;
    private const int MaxPrefix = 32;

    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<byte>> _ids;
    private Name[] _names = new Name[16];
    private int _count;

    private struct Name
    {
        public Vector128<byte> Low;
        public Vector128<byte> LowMask;
        public Vector128<byte> High;
        public Vector128<byte> HighMask;
        public int Length;
        public int Field;
        public int Next;
    }

    /// <param name="schema">The stream's fields.</param>
    /// <param name="members">For each field the member it is taken from, or null where it is none; by default those
    /// of the fields' names.</param>
    public NameTable(StreamSchema schema, string?[]? members = null)
    {
        _ids = new Dictionary<string, int>(Utf8Comparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
        Start = Add("\n"u8, Unknown);
        for (var i = 0; i < schema.Fields.Length; i++)
            if ((members is null ? schema.Fields[i].Name : members[i]) is { } name)
                Add(Encoding.UTF8.GetBytes(name), i);
    }

    /// <summary>What stands before the first name.</summary>
    public int Start { get; }

    public int FieldOf(int name) => name < 0 ? Unknown : _names[name].Field;

    /// <summary>The field of a name given as UTF-8, or <see cref="Unknown"/>.</summary>
    public int FieldOf(ReadOnlySpan<byte> name) => _ids.TryGetValue(name, out var id) ? _names[id].Field : Unknown;

    /// <summary>
    /// Whether the name that is expected after the given one stands at <paramref name="p"/>, where 32 bytes can be
    /// read: its id and the place after it, else null.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Expect(byte* p, ref int name)
    {
        if (name < 0)
            return null;
        var next = _names[name].Next;
        ref var expected = ref _names[next];
        var differs = (Vector128.Load(p) ^ expected.Low) & expected.LowMask;
        if (expected.Length > 16)
            differs |= (Vector128.Load(p + 16) ^ expected.High) & expected.HighMask;
        if (expected.Length == 0 || differs != Vector128<byte>.Zero)
            return null;
        name = next;
        return p + expected.Length;
    }

    /// <summary>
    /// Takes the name between two quotes, the blanks and the colon after it; learns that it follows the given one.
    /// </summary>
    /// <returns>The place of the value, or null if this is no plain name and colon (without escapes).</returns>
    public byte* Learn(byte* p, ref int name)
    {
        if (*p != '"')
            return null;
        var end = p + 1;
        while (*end != '"' && *end != '\\' && *end >= ' ')
            end++;
        if (*end != '"')
            return null;
        var text = new ReadOnlySpan<byte>(p + 1, (int)(end - p - 1));
        var value = JsonText.SkipBlanks(end + 1);
        if (*value != ':')
            return null;
        value = JsonText.SkipBlanks(value + 1);
        var id = _ids.TryGetValue(text, out var known) ? known : _count < MaxNames ? Add(text, Unknown) : Unknown;
        if (id >= 0)
            SetPrefix(ref _names[id], new ReadOnlySpan<byte>(p, (int)(value - p)));
        if (name >= 0 && id >= 0)
            _names[name].Next = id;
        name = id;
        return value;
    }

    private int Add(ReadOnlySpan<byte> name, int field)
    {
        if (_count == _names.Length)
            Array.Resize(ref _names, _count * 2);
        _names[_count] = new Name { Field = field };
        _ids[name] = _count;
        return _count++;
    }

    private static void SetPrefix(ref Name name, ReadOnlySpan<byte> prefix)
    {
        name.Length = 0;
        if (prefix.Length > MaxPrefix)
            return;
        Span<byte> bytes = stackalloc byte[MaxPrefix];
        Span<byte> mask = stackalloc byte[MaxPrefix];
        bytes.Clear();
        mask.Clear();
        prefix.CopyTo(bytes);
        mask[..prefix.Length].Fill(0xFF);
        name.Low = Vector128.Create<byte>(bytes[..16]);
        name.High = Vector128.Create<byte>(bytes[16..]);
        name.LowMask = Vector128.Create<byte>(mask[..16]);
        name.HighMask = Vector128.Create<byte>(mask[16..]);
        name.Length = prefix.Length;
    }

    private sealed class Utf8Comparer
        : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<byte>, string>
    {
        public static readonly Utf8Comparer Instance = new();

        public bool Equals(string? x, string? y) => x == y;

        public int GetHashCode(string text) => GetHashCode(Encoding.UTF8.GetBytes(text));

        public bool Equals(ReadOnlySpan<byte> utf8, string text) => utf8.SequenceEqual(Encoding.UTF8.GetBytes(text));

        public int GetHashCode(ReadOnlySpan<byte> utf8) => (int)StringPool.Hash(utf8);

        public string Create(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
    }
}
