using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>Rejected events as JSON, one line each, without the line feed.</summary>
public static class DeadLetterJson
{
    public static void Write(Utf8Buffer to, RejectedEvent rejected)
    {
        to.Raw("{\"stream\":"u8);
        to.String(rejected.Stream);
        to.Raw(",\"seq\":"u8);
        to.Number(rejected.Position);
        to.Raw(",\"line\":"u8);
        to.Number(rejected.Line);
        to.Raw(",\"reason\":"u8);
        to.String(rejected.Reason);
        to.Raw(",\"raw\":"u8);
        to.String(rejected.Raw);
        to.Raw((byte)'}');
    }
}
