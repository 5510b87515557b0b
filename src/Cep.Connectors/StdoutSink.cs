using Cep.Alerts;
using Cep.Connectors.Formats;

namespace Cep.Connectors;

/// <summary>Writes alerts to a stream (standard output), one JSON line each.</summary>
public sealed class StdoutSink(string name, Stream output) : ISink
{
    private readonly Lock _lock = new();
    private readonly Utf8Buffer _buffer = new();

    public string Name { get; } = name;

    public Task SendAsync(Alert alert, CancellationToken stop)
    {
        lock (_lock)
        {
            _buffer.Clear();
            AlertJson.Write(_buffer, alert);
            _buffer.Raw((byte)'\n');
            try
            {
                output.Write(_buffer.Written);
                output.Flush();
            }
            catch (IOException e)
            {
                throw new DeliveryException(e.Message);
            }
        }

        return Task.CompletedTask;
    }
}
