using Cep.Alerts;

namespace Cep.Connectors.Formats;

/// <summary>
/// Puts alerts into the order (at, rule, key, id) while they come: holds back those that an alert to come could still
/// stand before, and writes the others, one JSON line each. One thread.
/// </summary>
public sealed class AlertLines(Stream to)
{
    private const int MinPending = 256;
    private List<Entry> _pending = [];
    private List<Entry> _kept = [];
    private Utf8Buffer _bytes = new(1 << 16);
    private Utf8Buffer _keptBytes = new(1 << 16);
    private int _threshold = MinPending;

    private readonly record struct Entry(long AtMs, string Rule, string Id, int Start, int KeyLength, int Length);

    public void Add(Alert alert)
    {
        var start = _bytes.Length;
        AlertJson.WriteKey(_bytes, alert);
        var keyLength = _bytes.Length - start;
        AlertJson.Write(_bytes, alert);
        _bytes.Raw((byte)'\n');
        _pending.Add(new Entry(alert.AtMs, alert.Rule, alert.Id, start, keyLength, _bytes.Length - start - keyLength));
    }

    /// <summary>
    /// Writes what stands before the floor (ms), if it is worth the while or <paramref name="now"/> asks for it.
    /// </summary>
    public void Release(long floorMs, bool now)
    {
        if (_pending.Count == 0 || (!now && _pending.Count < _threshold))
            return;
        var ready = _pending.Where(e => e.AtMs < floorMs).ToArray();
        if (ready.Length > 0)
        {
            if (!IsSorted(ready))
                Array.Sort(ready, Compare);
            foreach (var entry in ready)
                to.Write(_bytes.Written.Slice(entry.Start + entry.KeyLength, entry.Length));
            to.Flush();
            Keep(floorMs);
        }

        _threshold = Math.Max(MinPending, _pending.Count * 2);
    }

    /// <summary>Writes all that is left: there is no alert to come.</summary>
    public void Complete() => Release(long.MaxValue, now: true);

    private void Keep(long floorMs)
    {
        foreach (var entry in _pending)
        {
            if (entry.AtMs < floorMs)
                continue;
            _kept.Add(entry with { Start = _keptBytes.Length });
            _keptBytes.Raw(_bytes.Written.Slice(entry.Start, entry.KeyLength + entry.Length));
        }

        (_pending, _kept) = (_kept, _pending);
        (_bytes, _keptBytes) = (_keptBytes, _bytes);
        _kept.Clear();
        _keptBytes.Clear();
    }

    private bool IsSorted(Entry[] entries)
    {
        for (var i = 1; i < entries.Length; i++)
            if (Compare(entries[i - 1], entries[i]) > 0)
                return false;
        return true;
    }

    private int Compare(Entry a, Entry b)
    {
        var order = a.AtMs.CompareTo(b.AtMs);
        if (order == 0)
            order = string.CompareOrdinal(a.Rule, b.Rule);
        if (order == 0)
            order = _bytes.Written.Slice(a.Start, a.KeyLength)
                .SequenceCompareTo(_bytes.Written.Slice(b.Start, b.KeyLength));
        return order != 0 ? order : string.CompareOrdinal(a.Id, b.Id);
    }
}
