using Cep.Connectors.Formats;
using Cep.Simulators;

namespace Cep.Cli.Simulating;

/// <summary>What really happened in a simulation, as NDJSON.</summary>
internal static class TruthJson
{
    public static void WriteFile(string path, IReadOnlyList<Truth> truth)
    {
        var buffer = new Utf8Buffer();
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);
        foreach (var incident in truth)
        {
            buffer.Clear();
            AlertJson.Value(buffer, new Dictionary<string, object?>
            {
                ["scenario"] = incident.Scenario,
                ["key"] = new Dictionary<string, object?> { [incident.KeyField] = incident.Key },
                ["from"] = DateTimeOffset.FromUnixTimeMilliseconds(incident.FromMs),
                ["to"] = DateTimeOffset.FromUnixTimeMilliseconds(incident.ToMs),
                ["events"] = incident.Events,
            });
            buffer.Raw((byte)'\n');
            file.Write(buffer.Written);
        }
    }
}
