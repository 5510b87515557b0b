namespace Cep.Detection.Windows;

/// <summary>
/// One window of time and the keys that have events in it: an entry for each, with its group of aggregates.
/// </summary>
internal sealed class OpenWindow
{
    private int[] _entries = [];

    public WindowSpan Span;

    /// <summary>Its end has been reached and it was reported.</summary>
    public bool Closed;

    public long NextBeatMs;

    public int[] Slots = new int[16];

    public int[] Groups = new int[16];

    /// <summary>How often each entry was reported.</summary>
    public int[] Reports = new int[16];

    public int Count;

    /// <summary>The entry of a key, or -1.</summary>
    public int Find(int slot) => slot < _entries.Length ? _entries[slot] - 1 : -1;

    public int Add(int slot, int group)
    {
        if (slot >= _entries.Length)
            Array.Resize(ref _entries, Math.Max(slot + 1, _entries.Length * 2));
        if (Count == Slots.Length)
        {
            Array.Resize(ref Slots, Count * 2);
            Array.Resize(ref Groups, Count * 2);
            Array.Resize(ref Reports, Count * 2);
        }

        (Slots[Count], Groups[Count], Reports[Count]) = (slot, group, 0);
        _entries[slot] = ++Count;
        return Count - 1;
    }

    public void Clear()
    {
        for (var i = 0; i < Count; i++)
            _entries[Slots[i]] = 0;
        Count = 0;
        Closed = false;
    }
}
