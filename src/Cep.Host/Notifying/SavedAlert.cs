using System.Text;
using Cep.Alerts;
using Cep.Connectors.Formats;
using Cep.Plans;
using Cep.State;

namespace Cep.Host.Notifying;

/// <summary>Alerts in saved state: all that they say, without the events they rest on.</summary>
internal static class SavedAlert
{
    public static void Write(StateWriter to, Alert alert)
    {
        to.Text(alert.Id);
        to.Text(alert.Rule);
        to.Long(alert.AtMs);
        to.Int((int)alert.Status);
        to.Int((int)alert.Severity);
        Members(to, alert.Key);
        to.Text(alert.Message);
        Members(to, [.. alert.Labels.Select(l => new KeyValuePair<string, object?>(l.Key, l.Value))]);
        Members(to, alert.Fields);
        to.Bool(alert.Window is not null);
        to.Long(alert.Window?.StartMs ?? 0);
        to.Long(alert.Window?.EndMs ?? 0);
        to.Int(alert.Revision ?? -1);
        to.Long(alert.Suppressed);
    }

    public static Alert Read(StateReader from)
    {
        var alert = new Alert
        {
            Id = from.Text()!,
            Rule = from.Text()!,
            AtMs = from.Long(),
            Status = (AlertStatus)from.Int(),
            Severity = (Severity)from.Int(),
            Key = Members(from),
            Message = from.Text()!,
            Labels = [.. Members(from).Select(m => new KeyValuePair<string, string>(m.Key, (string)m.Value!))],
            Fields = Members(from),
            Evidence = [],
        };
        var hasWindow = from.Bool();
        var window = (from.Long(), from.Long());
        var revision = from.Int();
        return alert with
        {
            Window = hasWindow ? window : null,
            Revision = revision < 0 ? null : revision,
            Suppressed = from.Long(),
        };
    }

    private static void Members(StateWriter to, IReadOnlyList<KeyValuePair<string, object?>> members)
    {
        to.Int(members.Count);
        foreach (var (name, value) in members)
        {
            to.Text(name);
            to.Value(Plain(value));
        }
    }

    private static List<KeyValuePair<string, object?>> Members(StateReader from)
    {
        var members = new List<KeyValuePair<string, object?>>();
        for (var n = from.Count(); n > 0; n--)
            members.Add(new(from.Text()!, from.Value()));
        return members;
    }

    /// <summary>The value as state can hold it: times and durations as the texts that they are in JSON.</summary>
    private static object? Plain(object? value) => value switch
    {
        DateTimeOffset or TimeSpan => JsonText(value),
        int number => (long)number,
        object?[] items => items.Select(Plain).ToArray(),
        IEnumerable<KeyValuePair<string, object?>> members => members.ToDictionary(m => m.Key, m => Plain(m.Value)),
        _ => value,
    };

    private static string JsonText(object value)
    {
        var json = new Utf8Buffer();
        AlertJson.Value(json, value);
        return Encoding.UTF8.GetString(json.Written).Trim('"');
    }
}
