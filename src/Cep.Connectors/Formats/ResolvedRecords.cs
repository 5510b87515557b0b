namespace Cep.Connectors.Formats;

/// <summary>JSON objects, one after another: each begun, given members, and ended.</summary>
internal sealed class ResolvedRecords
{
    private readonly List<int> _ends = [];

    public Utf8Buffer Bytes { get; } = new();

    public int Count => _ends.Count;

    public ReadOnlySpan<byte> this[int index] =>
        Bytes.Written[(index == 0 ? 0 : _ends[index - 1]).._ends[index]];

    public void Clear()
    {
        Bytes.Clear();
        _ends.Clear();
    }

    public void Begin() => Bytes.Raw((byte)'{');

    /// <summary>Begins a member; its value goes to <see cref="Bytes"/>.</summary>
    public Utf8Buffer Member(ReadOnlySpan<byte> name)
    {
        if (Bytes.Written[^1] != '{')
            Bytes.Raw((byte)',');
        Bytes.String(name);
        Bytes.Raw((byte)':');
        return Bytes;
    }

    public void End()
    {
        Bytes.Raw((byte)'}');
        _ends.Add(Bytes.Length);
    }
}
