using Cep.Alerts;
using Cep.Plans;

namespace Cep.Connectors.Tests;

/// <summary>Alerts for sinks.</summary>
internal static class Alerts
{
    public static Alert Of(
        string id, string key = "d-1", AlertStatus status = AlertStatus.Firing, string rule = "hot",
        string message = "hot", long atMs = 1_767_225_600_000) => new()
        {
            Id = id,
            Rule = rule,
            AtMs = atMs,
            Status = status,
            Severity = Severity.High,
            Key = [new("device", key)],
            Message = message,
            Labels = [new("team", "plant")],
            Fields = [new("temperature", 94.5), new("count", 3L)],
            Evidence = [],
        };
}
