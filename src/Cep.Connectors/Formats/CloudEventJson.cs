using Cep.Alerts;
using Cep.Plans;

namespace Cep.Connectors.Formats;

/// <summary>Alerts as CloudEvents 1.0 in structured JSON.</summary>
public static class CloudEventJson
{
    public static void Write(Utf8Buffer to, Alert alert)
    {
        to.Raw("{\"specversion\":\"1.0\",\"id\":"u8);
        to.String(alert.Id);
        to.Raw(",\"source\":"u8);
        to.String("/cep/rules/" + alert.Rule);
        to.Raw(alert.Status == AlertStatus.Firing
            ? ",\"type\":\"cep.alert.firing\",\"time\":"u8
            : ",\"type\":\"cep.alert.resolved\",\"time\":"u8);
        to.Time(alert.AtMs);
        to.Raw(",\"datacontenttype\":\"application/json\",\"data\":"u8);
        AlertJson.Write(to, alert);
        to.Raw((byte)'}');
    }
}
