using Cep.Alerts;
using Cep.Connectors.Formats;
using Cep.Events;

namespace Cep.Host.Running;

/// <summary>Keeps what could not be read or delivered: one JSON object a line, with the reason. Any thread.</summary>
internal sealed class DeadLetterFile(string path) : IDeliveryLog, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Utf8Buffer _buffer = new();
    private FileStream? _file;

    public long Events { get; private set; }

    public long Alerts { get; private set; }

    public void Add(RejectedEvent rejected)
    {
        lock (_lock)
        {
            Events++;
            _buffer.Clear();
            DeadLetterJson.Write(_buffer, rejected);
            Append();
        }
    }

    public void Add(AheadEvent ahead)
    {
        lock (_lock)
        {
            Events++;
            _buffer.Clear();
            DeadLetterJson.Write(_buffer, ahead);
            Append();
        }
    }

    public ValueTask DeliveredAsync(string sink, Alert alert) => ValueTask.CompletedTask;

    public ValueTask FailedAsync(string sink, Alert alert, string reason)
    {
        lock (_lock)
        {
            Alerts++;
            _buffer.Clear();
            _buffer.Raw("{\"sink\":"u8);
            _buffer.String(sink);
            _buffer.Raw(",\"reason\":"u8);
            _buffer.String(reason);
            _buffer.Raw(",\"alert\":"u8);
            AlertJson.Write(_buffer, alert);
            _buffer.Raw((byte)'}');
            Append();
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask<string> LeftAsync(string sink, Alert alert)
    {
        await FailedAsync(sink, alert, "not delivered before the end");
        return "it is among the dead letters";
    }

    public void Dispose() => _file?.Dispose();

    // made with the first letter: most runs have none
    private void Append()
    {
        _buffer.Raw((byte)'\n');
        _file ??= new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        _file.Write(_buffer.Written);
        _file.Flush();
    }
}
