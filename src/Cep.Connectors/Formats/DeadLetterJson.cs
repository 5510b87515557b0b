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

    public static void Write(Utf8Buffer to, AheadEvent ahead)
    {
        var (batch, row) = (ahead.Batch, ahead.Row);
        to.Raw("{\"stream\":"u8);
        to.String(batch.Schema.Name);
        to.Raw(",\"seq\":"u8);
        to.Number(batch.Positions[row]);
        to.Raw(",\"reason\":"u8);
        var by = DurationText.Format(batch.Times[row] - batch.ArrivalMs);
        to.String($"its time is {by} ahead of its arrival (max_ahead: {DurationText.Format(ahead.MaxAheadMs)})");
        to.Raw(",\"event\":"u8);
        AlertJson.Event(to, batch, row);
        to.Raw((byte)'}');
    }
}
