using System.Text;
using Cep.Alerts;
using Cep.Events;
using Cep.Plans;

namespace Cep.Connectors.Formats;

/// <summary>Alerts as JSON, one line each, without the line feed: see "Alerts" of the rule language.</summary>
public static class AlertJson
{
    public static void Write(Utf8Buffer to, Alert alert)
    {
        to.Raw("{\"id\":"u8);
        to.String(alert.Id);
        to.Raw(",\"rule\":"u8);
        to.String(alert.Rule);
        to.Raw(",\"at\":"u8);
        to.Time(alert.AtMs);
        to.Raw(alert.Status == AlertStatus.Firing ? ",\"status\":\"firing\""u8 : ",\"status\":\"resolved\""u8);
        to.Raw(",\"severity\":"u8);
        to.Raw(SeverityText(alert.Severity));
        to.Raw(",\"key\":"u8);
        Members(to, alert.Key);
        to.Raw(",\"message\":"u8);
        to.String(alert.Message);
        to.Raw(",\"labels\":"u8);
        Labels(to, alert.Labels);
        to.Raw(",\"fields\":"u8);
        Members(to, alert.Fields);
        WindowOf(to, alert);
        if (alert.Suppressed > 0)
        {
            to.Raw(",\"suppressed\":"u8);
            to.Number(alert.Suppressed);
        }

        EvidenceOf(to, alert.Evidence);
        to.Raw((byte)'}');
    }

    /// <summary>The key alone, as it stands in the alert: what alerts of one rule and time are sorted by.</summary>
    public static void WriteKey(Utf8Buffer to, Alert alert) => Members(to, alert.Key);

    /// <summary>A value of a field: bool, long, double, string, list, object, time or duration.</summary>
    public static void Value(Utf8Buffer to, object? value)
    {
        switch (value)
        {
            case null:
                to.Raw("null"u8);
                break;
            case string text:
                to.String(text);
                break;
            case double number:
                to.Number(number);
                break;
            case long number:
                to.Number(number);
                break;
            case int number:
                to.Number((long)number);
                break;
            case bool flag:
                to.Bool(flag);
                break;
            case DateTimeOffset time:
                to.Time(time.ToUnixTimeMilliseconds());
                break;
            case TimeSpan duration:
                to.Raw((byte)'"');
                to.Raw(Encoding.ASCII.GetBytes(DurationText.Format(duration.Ticks / TimeSpan.TicksPerMillisecond)));
                to.Raw((byte)'"');
                break;
            case IEnumerable<KeyValuePair<string, object?>> members:
                Members(to, members);
                break;
            case System.Collections.IEnumerable items:
                Items(to, items);
                break;
            default:
                to.String(value.ToString() ?? "");
                break;
        }
    }

    private static void WindowOf(Utf8Buffer to, Alert alert)
    {
        if (alert.Window is { } window)
        {
            to.Raw(",\"window\":{\"start\":"u8);
            to.Time(window.StartMs);
            to.Raw(",\"end\":"u8);
            to.Time(window.EndMs);
            to.Raw((byte)'}');
        }

        if (alert.Revision is { } revision)
        {
            to.Raw(",\"revision\":"u8);
            to.Number((long)revision);
        }
    }

    private static void EvidenceOf(Utf8Buffer to, IReadOnlyList<Evidence> evidence)
    {
        to.Raw(",\"evidence\":["u8);
        for (var i = 0; i < evidence.Count; i++)
        {
            var item = evidence[i];
            to.Raw(i > 0 ? ",{"u8 : "{"u8);
            if (item.Step is not null)
            {
                to.Raw("\"step\":"u8);
                to.String(item.Step);
                to.Raw((byte)',');
            }

            to.Raw("\"stream\":"u8);
            to.String(item.Stream);
            to.Raw(",\"seq\":"u8);
            to.Number(item.Position);
            to.Raw(",\"event\":"u8);
            Event(to, item.Batch, item.Row);
            to.Raw((byte)'}');
        }

        to.Raw((byte)']');
    }

    /// <summary>The fields of a row that are not null, straight from the columns.</summary>
    public static void Event(Utf8Buffer to, EventBatch batch, int row)
    {
        to.Raw((byte)'{');
        var more = false;
        for (var i = 0; i < batch.Columns.Length; i++)
        {
            var column = batch.Columns[i];
            if (column is null || column.IsNull(row))
                continue;
            if (more)
                to.Raw((byte)',');
            more = true;
            to.String(batch.Schema.Fields[i].Name);
            to.Raw((byte)':');
            Value(to, column, row);
        }

        to.Raw((byte)'}');
    }

    private static void Value(Utf8Buffer to, Column column, int row)
    {
        switch (column.Type)
        {
            case DataType.String:
                to.String(column.Pool.Utf8(column.Codes[row]));
                break;
            case DataType.Number:
                to.Number(column.Doubles[row]);
                break;
            case DataType.Integer:
                to.Number(column.Longs[row]);
                break;
            case DataType.Timestamp:
                to.Time(column.Longs[row]);
                break;
            case DataType.Bool:
                to.Bool(column.Bit(row));
                break;
            default:
                Value(to, column.Type == DataType.Duration ? TimeSpan.FromMilliseconds(column.Longs[row])
                    : column.ValueAt(row));
                break;
        }
    }

    private static void Members(Utf8Buffer to, IReadOnlyList<KeyValuePair<string, object?>> members)
    {
        to.Raw((byte)'{');
        for (var i = 0; i < members.Count; i++)
            Member(to, i > 0, members[i]);
        to.Raw((byte)'}');
    }

    private static void Members(Utf8Buffer to, IEnumerable<KeyValuePair<string, object?>> members)
    {
        to.Raw((byte)'{');
        var more = false;
        foreach (var member in members)
        {
            Member(to, more, member);
            more = true;
        }

        to.Raw((byte)'}');
    }

    private static void Member(Utf8Buffer to, bool more, KeyValuePair<string, object?> member)
    {
        if (more)
            to.Raw((byte)',');
        to.String(member.Key);
        to.Raw((byte)':');
        Value(to, member.Value);
    }

    private static void Labels(Utf8Buffer to, IReadOnlyList<KeyValuePair<string, string>> labels)
    {
        to.Raw((byte)'{');
        for (var i = 0; i < labels.Count; i++)
            Member(to, i > 0, new KeyValuePair<string, object?>(labels[i].Key, labels[i].Value));
        to.Raw((byte)'}');
    }

    private static void Items(Utf8Buffer to, System.Collections.IEnumerable items)
    {
        to.Raw((byte)'[');
        var more = false;
        foreach (var item in items)
        {
            if (more)
                to.Raw((byte)',');
            Value(to, item);
            more = true;
        }

        to.Raw((byte)']');
    }

    private static ReadOnlySpan<byte> SeverityText(Severity severity) => severity switch
    {
        Severity.Info => "\"info\""u8,
        Severity.Low => "\"low\""u8,
        Severity.Medium => "\"medium\""u8,
        Severity.High => "\"high\""u8,
        _ => "\"critical\""u8,
    };
}
