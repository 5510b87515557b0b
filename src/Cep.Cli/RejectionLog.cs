using Cep.Connectors.Formats;
using Cep.Events;

namespace Cep.Cli;

/// <summary>Rejected events: into a file, or the first few to standard error.</summary>
internal sealed class RejectionLog(string? path, int shown) : IDisposable
{
    private readonly FileStream? _file = path is null ? null : new FileStream(path, FileMode.Create, FileAccess.Write);
    private readonly Utf8Buffer _buffer = new();
    private long _count;

    public void Add(RejectedEvent rejected)
    {
        _count++;
        if (_file is null)
        {
            if (_count <= shown)
                Output.Warning($"{rejected.Stream}: rejected {rejected.Reason}");
            return;
        }

        _buffer.Clear();
        DeadLetterJson.Write(_buffer, rejected);
        _buffer.Raw((byte)'\n');
        _file.Write(_buffer.Written);
    }

    /// <summary>Says how many more there were.</summary>
    public void Finish()
    {
        if (_file is null && _count > shown)
            Output.Warning($"{_count - shown} more events were rejected (--dead-letters FILE keeps them all)");
    }

    public void Dispose() => _file?.Dispose();
}
