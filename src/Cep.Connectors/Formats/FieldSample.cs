using System.Text;
using System.Text.Json;
using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>What the samples of a field have in common.</summary>
internal sealed class FieldSample
{
    // 2001 to 2065: smaller numbers are rather counts or seconds
    private const long FirstEpochMs = 1_000_000_000_000;
    private const long LastEpochMs = 3_000_000_000_000;

    [Flags]
    private enum Kinds
    {
        None = 0,
        Bool = 1,
        Integer = 2,
        Number = 4,
        Text = 8,
        Iso = 16,
        Epoch = 32,
        Duration = 64,
        List = 128,
        Object = 256,
        Seconds = 512,
    }

    private Kinds _kinds;
    private FieldSample? _items;
    private long _latestMs = long.MinValue;

    public long Values { get; private set; }

    /// <summary>By how much a value was earlier than one before it, at most.</summary>
    public long DisorderMs { get; private set; }

    public bool IsTime => Only(Kinds.Iso | Kinds.Epoch);

    public bool LooksLikeSeconds => Only(Kinds.Seconds);

    public string TypeName =>
        IsTime ? "timestamp"
        : Only(Kinds.Bool) ? "bool"
        : Only(Kinds.Integer | Kinds.Epoch | Kinds.Seconds) ? "integer"
        : Only(Kinds.Integer | Kinds.Number | Kinds.Epoch | Kinds.Seconds) ? "number"
        : Only(Kinds.Duration) ? "duration"
        : Only(Kinds.Text | Kinds.Iso | Kinds.Duration) ? "string"
        : Only(Kinds.List) ? $"list of {_items?.TypeName ?? "any"}"
        : "any";

    public void AddJson(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return;
            case JsonValueKind.True or JsonValueKind.False:
                Add(Kinds.Bool);
                break;
            case JsonValueKind.Number:
                AddNumber(value.TryGetInt64(out var integer) ? integer : null);
                break;
            case JsonValueKind.String:
                AddString(value.GetString()!);
                break;
            case JsonValueKind.Array:
                Add(Kinds.List);
                foreach (var item in value.EnumerateArray())
                    (_items ??= new FieldSample()).AddJson(item);
                break;
            default:
                Add(Kinds.Object);
                break;
        }
    }

    /// <summary>Adds a value of CSV, where all types are written as text.</summary>
    public void AddText(string? text)
    {
        if (text is null)
            return;
        var invariant = System.Globalization.CultureInfo.InvariantCulture;
        if (long.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, invariant, out var integer))
            AddNumber(integer);
        else if (
            double.TryParse(text, System.Globalization.NumberStyles.Float, invariant, out var number)
                && double.IsFinite(number))
            AddNumber(null);
        else if (bool.TryParse(text, out _))
            Add(Kinds.Bool);
        else
            AddString(text);
    }

    private void AddNumber(long? integer)
    {
        switch (integer)
        {
            case >= FirstEpochMs and <= LastEpochMs:
                Add(Kinds.Epoch);
                Time(integer.Value);
                break;
            case >= FirstEpochMs / 1000 and <= LastEpochMs / 1000:
                Add(Kinds.Seconds);
                break;
            default:
                Add(integer is null ? Kinds.Number : Kinds.Integer);
                break;
        }
    }

    private void AddString(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        if (IsoTime.TryParse(utf8, out var time))
        {
            Add(Kinds.Iso);
            Time(time);
        }
        else
        {
            Add(DurationText.TryParse(utf8, out _) ? Kinds.Duration : Kinds.Text);
        }
    }

    private void Add(Kinds kind)
    {
        Values++;
        _kinds |= kind;
    }

    private void Time(long ms)
    {
        if (ms > _latestMs)
            _latestMs = ms;
        else
            DisorderMs = Math.Max(DisorderMs, _latestMs - ms);
    }

    private bool Only(Kinds kinds) => _kinds != Kinds.None && (_kinds & ~kinds) == Kinds.None;
}
