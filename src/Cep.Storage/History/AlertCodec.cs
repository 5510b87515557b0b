using System.Buffers;
using Cep.Alerts;
using Cep.Events;
using Cep.Plans;
using Cep.State;

namespace Cep.Storage.History;

/// <summary>
/// Alerts as bytes and back, whole: whatever a sink makes of an alert it makes of the one read back too.
/// </summary>
public static class AlertCodec
{
    private const string Section = "alert";
    private const int Version = 1;

    private enum Shown
    {
        Plain,
        Time,
        Duration,
    }

    public static byte[] Encode(Alert alert)
    {
        ArgumentNullException.ThrowIfNull(alert);
        var bytes = new ArrayBufferWriter<byte>(512);
        var to = new StateWriter(bytes);
        to.Section(Section, Version);
        to.Text(alert.Id);
        to.Text(alert.Rule);
        to.Long(alert.AtMs);
        to.Int((int)alert.Status);
        to.Int((int)alert.Severity);
        Write(to, alert.Key);
        to.Text(alert.Message);
        to.Int(alert.Labels.Count);
        foreach (var (name, text) in alert.Labels)
        {
            to.Text(name);
            to.Text(text);
        }

        Write(to, alert.Fields);
        to.Int(alert.Evidence.Count);
        foreach (var evidence in alert.Evidence)
            Write(to, evidence);
        to.Bool(alert.Window is not null);
        if (alert.Window is var (start, end))
        {
            to.Long(start);
            to.Long(end);
        }

        to.Int(alert.Revision ?? -1);
        to.Long(alert.Suppressed);
        to.Bool(alert.Shadow);
        return bytes.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no alert, or one of another version.</exception>
    public static Alert Decode(ReadOnlySpan<byte> bytes)
    {
        var from = new StateReader(bytes.ToArray());
        from.Section(Section, Version);
        return new Alert
        {
            Id = from.Text()!,
            Rule = from.Text()!,
            AtMs = from.Long(),
            Status = (AlertStatus)from.Int(),
            Severity = (Severity)from.Int(),
            Key = ReadMembers(from),
            Message = from.Text()!,
            Labels = ReadLabels(from),
            Fields = ReadMembers(from),
            Evidence = ReadEvidence(from),
            Window = from.Bool() ? (from.Long(), from.Long()) : null,
            Revision = from.Int() is >= 0 and var revision ? revision : null,
            Suppressed = from.Long(),
            Shadow = from.Bool(),
        };
    }

    private static void Write(StateWriter to, IReadOnlyList<KeyValuePair<string, object?>> members)
    {
        to.Int(members.Count);
        foreach (var (name, value) in members)
        {
            to.Text(name);
            switch (value)
            {
                case DateTimeOffset time:
                    to.Int((int)Shown.Time);
                    to.Long(time.ToUnixTimeMilliseconds());
                    break;
                case TimeSpan duration:
                    to.Int((int)Shown.Duration);
                    to.Long(duration.Ticks);
                    break;
                default:
                    to.Int((int)Shown.Plain);
                    to.Value(value is int number ? (long)number : value);
                    break;
            }
        }
    }

    private static KeyValuePair<string, object?>[] ReadMembers(StateReader from)
    {
        var members = new KeyValuePair<string, object?>[from.Count()];
        for (var i = 0; i < members.Length; i++)
            members[i] = new(from.Text()!, (Shown)from.Int() switch
            {
                Shown.Time => DateTimeOffset.FromUnixTimeMilliseconds(from.Long()),
                Shown.Duration => TimeSpan.FromTicks(from.Long()),
                _ => from.Value(),
            });
        return members;
    }

    private static KeyValuePair<string, string>[] ReadLabels(StateReader from)
    {
        var labels = new KeyValuePair<string, string>[from.Count()];
        for (var i = 0; i < labels.Length; i++)
            labels[i] = new(from.Text()!, from.Text()!);
        return labels;
    }

    private static void Write(StateWriter to, Evidence evidence)
    {
        to.Text(evidence.Step);
        to.Text(evidence.Stream);
        to.Long(evidence.Position);
        to.Long(evidence.TimeMs);
        var (batch, row) = (evidence.Batch, evidence.Row);
        var shown = Enumerable.Range(0, batch.Columns.Length)
            .Where(i => batch.Columns[i] is { } column && !column.IsNull(row)).ToArray();
        to.Int(shown.Length);
        foreach (var i in shown)
        {
            var field = batch.Schema.Fields[i];
            to.Text(field.Name);
            to.Int((int)field.Type);
            to.Int((int)field.Element);
            to.Value(batch.Columns[i].ValueAt(row));
        }
    }

    private static Evidence[] ReadEvidence(StateReader from)
    {
        var evidence = new Evidence[from.Count()];
        for (var i = 0; i < evidence.Length; i++)
            evidence[i] = ReadOne(from);
        return evidence;
    }

    /// <summary>Evidence as a batch of its one event, with the fields that it has.</summary>
    private static Evidence ReadOne(StateReader from)
    {
        var (step, stream, position, time) = (from.Text(), from.Text()!, from.Long(), from.Long());
        var fields = new FieldSchema[from.Count()];
        var columns = new Column[fields.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = new FieldSchema(from.Text()!, (DataType)from.Int(), (DataType)from.Int());
            var isText = fields[i].Type == DataType.String;
            columns[i] = new Column(fields[i].Type, 1, isText ? new StringPool() : null);
            columns[i].SetValue(0, from.Value());
        }

        var batch = new EventBatch(new StreamSchema(stream, fields), columns, [time], [position]) { Count = 1 };
        return new Evidence(step, batch, 0);
    }
}
