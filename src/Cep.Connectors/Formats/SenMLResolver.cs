using System.Globalization;
using System.Text.Json;

namespace Cep.Connectors.Formats;

/// <summary>
/// Sensor measurement lists in JSON (RFC 8428): each record, with the base values before it applied, becomes an object
/// of n, u, v or vs or vb or vd, s, t (milliseconds since the epoch) and what else it holds. One thread at a time.
/// </summary>
internal sealed class SenMLResolver : IPayloadResolver
{
    private const int NewestVersion = 10;

    /// <summary>Smaller times are seconds from now (RFC 8428, 4.5.3).</summary>
    private const double FirstAbsoluteTime = 1 << 28;

    private readonly Base _base = new();
    private readonly Record _record = new();

    /// <summary>What holds for the records that follow (RFC 8428, 4.1).</summary>
    private sealed class Base
    {
        public string Name { get; set; } = "";

        public string? Unit { get; set; }

        public double Time { get; set; }

        public double? Value { get; set; }

        public double? Sum { get; set; }
    }

    /// <summary>What stands in a record itself (RFC 8428, 4.2).</summary>
    private sealed class Record
    {
        public string? Name { get; set; }

        public string? Unit { get; set; }

        public double Time { get; set; }

        public double? Value { get; set; }

        public double? Sum { get; set; }

        /// <summary>Members that are passed on as they are, name and value.</summary>
        public List<(Range Name, Range Value)> Others { get; } = [];

        /// <summary>Of v, vs, vb and vd, which there is one at most.</summary>
        public int Values { get; set; }

        /// <summary>Whether it is more than base values for the records that follow.</summary>
        public bool IsMeasurement => Name is not null || Values > 0 || Sum is not null || Others.Count > 0;
    }

    public string? Resolve(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, long nowMs, ResolvedRecords records)
    {
        (_base.Name, _base.Unit, _base.Time, _base.Value, _base.Sum) = ("", null, 0, null, null);
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 16 });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            return $"SenML is a list, not {JsonValues.Describe(ref reader)}";
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            var fault = reader.TokenType == JsonTokenType.StartObject ? Read(ref reader) : "it is no object";
            fault ??= Fault();
            if (fault is not null)
                return string.Create(CultureInfo.InvariantCulture, $"record {index}: {fault}");
            if (_record.IsMeasurement)
                Write(payload, nowMs, records);
        }

        reader.Read();
        return null;
    }

    private string? Read(ref Utf8JsonReader reader)
    {
        (_record.Name, _record.Unit, _record.Time, _record.Value, _record.Sum) = (null, null, 0, null, null);
        _record.Values = 0;
        _record.Others.Clear();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var at = (int)reader.TokenStartIndex;
            var name = at..(at + reader.ValueSpan.Length + 2);
            var label = reader.GetString()!;
            reader.Read();
            if (label.EndsWith('_'))
                return $"'{label}' must be understood, and is not";
            if (TakeBase(label, ref reader))
                continue;
            if (label == "bver" && reader.GetDouble() > NewestVersion)
                return $"SenML of version {reader.GetDouble()} is not known";
            TakeOwn(label, name, ref reader);
        }

        return null;
    }

    private bool TakeBase(string label, ref Utf8JsonReader reader)
    {
        switch (label)
        {
            case "bn":
                _base.Name = reader.GetString() ?? "";
                return true;
            case "bu":
                _base.Unit = reader.GetString();
                return true;
            case "bt":
                _base.Time = reader.GetDouble();
                return true;
            case "bv":
                _base.Value = reader.GetDouble();
                return true;
            case "bs":
                _base.Sum = reader.GetDouble();
                return true;
            default:
                return false;
        }
    }

    private void TakeOwn(string label, Range name, ref Utf8JsonReader reader)
    {
        _record.Values += label is "v" or "vs" or "vb" or "vd" ? 1 : 0;
        switch (label)
        {
            case "n":
                _record.Name = reader.GetString();
                break;
            case "u":
                _record.Unit = reader.GetString();
                break;
            case "t":
                _record.Time = reader.GetDouble();
                break;
            case "s":
                _record.Sum = reader.GetDouble();
                break;
            case "v" when _base.Value is not null:
                _record.Value = reader.GetDouble();
                break;
            case "bver":
                break;
            default:
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                _record.Others.Add((name, start..(int)reader.BytesConsumed));
                break;
        }
    }

    private string? Fault()
    {
        if (!_record.IsMeasurement)
            return null;
        if (_base.Name.Length == 0 && string.IsNullOrEmpty(_record.Name))
            return "it has no name";
        if (_record.Values > 1)
            return "it has more than one of v, vs, vb, vd";
        return _record.Values == 0 && _record.Sum is null && _base.Sum is null ? "it has no value and no sum" : null;
    }

    private void Write(ReadOnlySpan<byte> payload, long nowMs, ResolvedRecords records)
    {
        records.Begin();
        records.Member("n"u8).String(_base.Name + _record.Name);
        if ((_record.Unit ?? _base.Unit) is { } unit)
            records.Member("u"u8).String(unit);
        var seconds = _base.Time + _record.Time;
        var ms = Math.Round(seconds * 1000);
        records.Member("t"u8).Number(seconds < FirstAbsoluteTime ? nowMs + ms : ms);
        if (_record.Value is { } value)
            records.Member("v"u8).Number(value + _base.Value!.Value);
        if (_record.Sum is not null || _base.Sum is not null)
            records.Member("s"u8).Number((_record.Sum ?? 0) + (_base.Sum ?? 0));
        foreach (var (name, other) in _record.Others)
        {
            records.Bytes.Raw((byte)',');
            records.Bytes.Raw(payload[name]);
            records.Bytes.Raw((byte)':');
            records.Bytes.Raw(payload[other]);
        }

        records.End();
    }
}
